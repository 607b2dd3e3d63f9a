#pragma once
// Names out of JSON files that may be larger than memory should hold: read by
// events, nothing is kept.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace trm {

// A flat array of strings (identifiers.json): each with its index, in order.
// Throws Error(input) with the place when the file is anything else.
void for_each_string(const std::filesystem::path& file,
                     const std::function<void(std::int64_t index, const std::string& text)>& visit);

// The keys of an object (a challenges file), whatever their values are.
void for_each_key(const std::filesystem::path& file, const std::function<void(const std::string& key)>& visit);

}  // namespace trm
