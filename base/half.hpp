#pragma once
// Conversion between IEEE binary16 (half precision), held as its bits, and float.

#include <bit>
#include <cmath>
#include <cstdint>

namespace trm {

// The bits are moved to their places in binary32. A multiplication then corrects the exponent's bias, and gives
// subnormals their value. Infinities and NaNs keep an exponent of all ones.
[[nodiscard]] inline float half_to_float(std::uint16_t half) {
  const std::uint32_t magnitude = (half & 0x7FFFU) << 13;
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const bool special = (half & 0x7C00U) == 0x7C00U;
  const auto finite = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112F);
  return std::bit_cast<float>(sign | (special ? magnitude | 0x7F800000U : finite));
}

// Rounds to nearest, ties to even; a value beyond the largest half becomes infinity.
[[nodiscard]] inline std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000U);
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00U);
  if (magnitude >= 65520.0F) return static_cast<std::uint16_t>(sign | 0x7C00U);  // rounds up to 2^16
  if (magnitude < 0x1p-14F) {                                                    // subnormal: a multiple of 2^-24
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(magnitude * 0x1p24F)));
  }
  // Rounding to nearest even on the thirteen bits that go; a carry moves into the exponent as it should.
  const std::uint32_t rebiased = (bits & 0x7FFFFFFFU) - (112U << 23);
  const std::uint32_t rounded = rebiased + 0xFFFU + (rebiased >> 13 & 1U);
  return static_cast<std::uint16_t>(sign | rounded >> 13);
}

}  // namespace trm
