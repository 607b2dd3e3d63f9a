#pragma once
// SHA-256 of a file, by OpenSSL.

#include <filesystem>
#include <functional>
#include <string>

namespace trm {

// Hexadecimal. `progress` hears now and then how many bytes are done; it may throw to stop.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path,
                                         const std::function<void(std::uint64_t done)>& progress = {});

}  // namespace trm
