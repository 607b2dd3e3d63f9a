#pragma once
// The whole of a file that is small by nature: a configuration, a list of names.

#include <filesystem>
#include <string>

namespace trm {

// Throws Error(io) when it cannot be read, Error(input) when it has more than `limit` bytes.
[[nodiscard]] std::string read_small_file(const std::filesystem::path& path, std::uint64_t limit = 16 << 20);

}  // namespace trm
