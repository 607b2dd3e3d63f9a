#include "runtime/half.hpp"

#include <cmath>

namespace trm {

std::uint16_t float_to_half(float value) {
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
