#pragma once
// JSON files: a small one as a tree, the members of a large object one at a time, and names out of files that are too
// large to be kept in memory.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace trm {

// The whole of a small JSON text. Throws Error(input) naming `file` and line and column of malformed JSON.
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& file);

// The members of {key: value, ...} in the file's order. A key that occurs twice in one object, which JSON libraries let
// pass and whose earlier value would be lost, is refused.
// Throws Error(input) naming `file` and line and column of malformed JSON; and what `visit` throws.
void for_each_member(std::string_view text, const std::string& file,
                     const std::function<void(const std::string& key, const nlohmann::json& value)>& visit);

// A flat array of strings (identifiers.json): each with its index, in order.
// Throws Error(input) with the place when the file is anything else.
void for_each_string(const std::filesystem::path& file,
                     const std::function<void(std::int64_t index, const std::string& text)>& visit);

// The keys of an object (a challenges file), whatever their values are.
void for_each_key(const std::filesystem::path& file, const std::function<void(const std::string& key)>& visit);

}  // namespace trm
