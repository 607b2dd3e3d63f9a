#pragma once
// SHA-256 (FIPS 180-4), with the processor's own instructions where x86-64 has them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace trm {

class Sha256 {
 public:
  void add(std::span<const std::byte> bytes);  // any number of times
  // 64 hexadecimal digits; once, at the end.
  [[nodiscard]] std::string digest();

 private:
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> block_{};  // of it [0, bytes_ % 64) are not yet in the state
  std::uint64_t bytes_ = 0;
};

// Of a file's contents. `progress` gets the number of bytes that are done, after each MB; it may throw to stop.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path,
                                         const std::function<void(std::uint64_t done)>& progress = {});

}  // namespace trm
