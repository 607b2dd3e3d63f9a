#pragma once
// SHA-256 of a file, by OpenSSL.

#include <filesystem>
#include <functional>
#include <string>

namespace trm {

// 64 hexadecimal digits. `progress` gets the number of bytes that are done, after each MB; it may throw to stop.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path,
                                         const std::function<void(std::uint64_t done)>& progress = {});

}  // namespace trm
