#pragma once
// IEEE binary16 by its bits.

#include <bit>
#include <cstdint>

namespace trm {

// The fields are moved to where binary32 has them; a multiplication corrects the exponent's bias and
// gives subnormals their value. Infinities and NaNs keep an exponent of all ones.
[[nodiscard]] inline float half_to_float(std::uint16_t half) {
  const std::uint32_t magnitude = (half & 0x7FFFU) << 13;
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const bool special = (half & 0x7C00U) == 0x7C00U;
  const auto finite = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112F);
  return std::bit_cast<float>(sign | (special ? magnitude | 0x7F800000U : finite));
}

// Rounds to nearest, ties to even; too large becomes infinity.
[[nodiscard]] std::uint16_t float_to_half(float value);

}  // namespace trm
