#include "io/sha256.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "io/byte_source.hpp"
#include "io/sha256_blocks.hpp"

namespace trm {

void Sha256::add(std::span<const std::byte> bytes) {
  static const sha256::AddBlocks add_blocks = sha256::fastest();
  const std::size_t held = bytes_ % block_.size();
  bytes_ += bytes.size();
  if (held != 0) {
    const std::size_t part = std::min(bytes.size(), block_.size() - held);
    std::copy_n(bytes.begin(), part, block_.begin() + static_cast<std::ptrdiff_t>(held));
    bytes = bytes.subspan(part);
    if (held + part < block_.size()) return;
    add_blocks(state_, block_);
  }
  const std::size_t whole = bytes.size() / block_.size() * block_.size();
  add_blocks(state_, bytes.first(whole));
  std::ranges::copy(bytes.subspan(whole), block_.begin());
}

std::string Sha256::digest() {
  // The message ends with a one, zeros, and its length in bits in 8 bytes, which fill a block.
  const std::uint64_t bits = 8 * bytes_;
  std::array<std::byte, 72> padding{std::byte{0x80}};
  const std::size_t zeros_end = 1 + (block_.size() + 55 - bytes_ % block_.size()) % block_.size();
  for (std::size_t i = 0; i < 8; ++i) padding[zeros_end + i] = static_cast<std::byte>(bits >> (56 - 8 * i));
  add(std::span(padding).first(zeros_end + 8));

  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const std::uint32_t word : state_) {
    for (int shift = 28; shift >= 0; shift -= 4) text += digits[word >> shift & 15];
  }
  return text;
}

std::string sha256_of_file(const std::filesystem::path& path, const std::function<void(std::uint64_t done)>& progress) {
  const ByteSource source = ByteSource::open(path);
  Sha256 hash;
  std::vector<std::byte> piece(std::size_t{1} << 20);
  for (std::uint64_t done = 0; done < source.size();) {
    const auto part = std::span(piece).first(std::min<std::uint64_t>(piece.size(), source.size() - done));
    source.read(done, part);
    hash.add(part);
    done += part.size();
    if (progress) progress(done);
  }
  return hash.digest();
}

}  // namespace trm
