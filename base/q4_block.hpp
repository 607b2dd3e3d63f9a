#pragma once
// GGUF's block format Q4_0, as ggml defines it: 32 consecutive weights of a row with one scale.

#include <array>
#include <cstdint>

#include "base/half.hpp"

namespace trm {

inline constexpr std::int64_t q4_block_weights = 32;
inline constexpr int q4_zero_point = 8;

// Weight i is scale * (q - 8) with q in [0, 15]. Byte j of `nibbles` holds q of weight j in its lower four bits and
// that of weight j + 16 in its upper four.
struct Q4Block {
  std::uint16_t scale = 0;  // IEEE binary16
  std::array<std::uint8_t, q4_block_weights / 2> nibbles{};
};
static_assert(sizeof(Q4Block) == 18, "a block lies in a file as it lies in memory");

// q - 8 of weight i of a block, in [-8, 7].
[[nodiscard]] inline int q4_value(const Q4Block& block, std::int64_t i) {
  constexpr std::int64_t half = q4_block_weights / 2;
  const unsigned byte = block.nibbles[static_cast<std::size_t>(i % half)];
  return static_cast<int>(i < half ? byte & 15U : byte >> 4) - q4_zero_point;
}

}  // namespace trm
