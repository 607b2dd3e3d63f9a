#pragma once
// Gaussian noise from a counter-based generator: a value depends on its place only, not on values drawn before, so that
// threads, batches and resuming change nothing. Philox4x32-10 (Salmon et al., SC 2011) gives the bits, the Box-Muller
// transform the normal distribution.

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>

namespace trm {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

[[nodiscard]] inline PhiloxCounter philox(PhiloxCounter c, PhiloxKey key) {
  constexpr std::uint64_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = multiplier_0 * c[0], b = multiplier_1 * c[2];
    const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
    c = {high(b) ^ c[1] ^ key[0], static_cast<std::uint32_t>(b), high(a) ^ c[3] ^ key[1],
         static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

// The place of noise: one latent of one trajectory of one sample, before one supervision step.
struct NoisePlace {
  std::uint64_t seed = 0;
  std::uint64_t sample = 0;
  std::uint32_t trajectory = 0;
  std::uint32_t step = 0;
  std::uint32_t latent = 0;
};

// values[i] += sigma * (standard normal of this place and i).
inline void add_noise(const NoisePlace& place, double sigma, std::span<float> values) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const PhiloxCounter stream = philox({low(place.sample), low(place.sample >> 32), place.trajectory, 0},
                                      {low(place.seed), low(place.seed >> 32)});
  const auto uniform = [](std::uint32_t bits) { return (bits + 0.5) / 4294967296.0; };  // in (0, 1)
  for (std::size_t i = 0; i < values.size(); i += 4) {
    const auto bits = philox({low(i / 4), place.latent, place.step, 1}, {stream[0], stream[1]});
    std::array<double, 4> normal{};
    for (std::size_t pair = 0; pair < 4; pair += 2) {
      const double radius = std::sqrt(-2 * std::log(uniform(bits[pair])));
      const double angle = 2 * std::numbers::pi * uniform(bits[pair + 1]);
      normal[pair] = radius * std::cos(angle);
      normal[pair + 1] = radius * std::sin(angle);
    }
    for (std::size_t j = 0; j < 4 && i + j < values.size(); ++j) {
      values[i + j] += static_cast<float>(sigma * normal[j]);
    }
  }
}

}  // namespace trm
