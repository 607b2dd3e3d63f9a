#pragma once
// Gaussian noise from a counter-based generator: a value depends on its place only, not on values drawn before, so that
// threads, batches and resuming change nothing. Philox4x32-10 (Salmon et al., SC 2011) gives the bits, the Box-Muller
// transform the normal distribution.

#include <algorithm>
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

// The use of a place's draws; draws of different uses are independent. Call i of a network within a step has the use
// first_call + i.
enum class DrawUse : std::uint32_t { start = 0, before_step = 1, first_call = 2 };

// The random bits of one use of a place, four words a quad.
class DrawStream {
 public:
  DrawStream(const NoisePlace& place, std::uint32_t use) : place_(place), use_(use) {
    const PhiloxCounter stream = philox({low(place.sample), low(place.sample >> 32), place.trajectory, 0},
                                        {low(place.seed), low(place.seed >> 32)});
    key_ = {stream[0], stream[1]};
  }
  [[nodiscard]] PhiloxCounter quad(std::size_t index) const {
    return philox({low(index), place_.latent, place_.step, use_}, key_);
  }
  [[nodiscard]] static double uniform(std::uint32_t bits) { return (bits + 0.5) / 4294967296.0; }  // in (0, 1)

 private:
  static std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }

  NoisePlace place_;
  std::uint32_t use_;
  PhiloxKey key_{};
};

// values[i] += sigma * (standard normal of this place, use and first + i).
inline void add_noise(const NoisePlace& place, double sigma, std::span<float> values, std::size_t first = 0,
                      std::uint32_t use = static_cast<std::uint32_t>(DrawUse::before_step)) {
  const DrawStream stream(place, use);
  for (std::size_t quad = first / 4; 4 * quad < first + values.size(); ++quad) {
    const auto bits = stream.quad(quad);
    std::array<double, 4> normal{};
    for (std::size_t pair = 0; pair < 4; pair += 2) {
      const double radius = std::sqrt(-2 * std::log(DrawStream::uniform(bits[pair])));
      const double angle = 2 * std::numbers::pi * DrawStream::uniform(bits[pair + 1]);
      normal[pair] = radius * std::cos(angle);
      normal[pair + 1] = radius * std::sin(angle);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const std::size_t i = 4 * quad + j;
      if (i >= first && i < first + values.size()) values[i - first] += static_cast<float>(sigma * normal[j]);
    }
  }
}

// x with erf(x) = y, |y| <= erf(sqrt 2): Giles' polynomial (GPU Computing Gems, 2011), then a step of Newton's method.
inline double inverse_erf(double y) {
  constexpr std::array coefficients = {3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                                       -0.00125372503, -0.00417768164, 0.246640727,     1.50140941};
  const double w = -std::log((1 - y) * (1 + y)) - 2.5;
  double p = 2.81022636e-08;
  for (const double c : coefficients) p = c + p * w;
  const double x = p * y;
  return x - (std::erf(x) - y) * std::sqrt(std::numbers::pi) / 2 * std::exp(x * x);
}

// values[i] <- a normal variable of this place and i, cut off at two of its own standard deviations, whose standard
// deviation after the cut is `deviation`.
inline void draw_truncated_normal(const NoisePlace& place, double deviation, std::span<float> values) {
  const double end = std::erf(std::numbers::sqrt2);                         // P(|N(0, 1)| < 2)
  const double density = std::exp(-2.0) / std::sqrt(2 * std::numbers::pi);  // of N(0, 1) at 2
  const double scale = deviation / std::sqrt(1 - 4 * density / end);
  const DrawStream stream(place, static_cast<std::uint32_t>(DrawUse::start));
  for (std::size_t i = 0; i < values.size(); i += 4) {
    const auto bits = stream.quad(i / 4);
    for (std::size_t j = 0; j < 4 && i + j < values.size(); ++j) {
      const double x = inverse_erf(end * (2 * DrawStream::uniform(bits[j]) - 1));
      values[i + j] = static_cast<float>(std::clamp(std::numbers::sqrt2 * scale * x, -2 * scale, 2 * scale));
    }
  }
}

}  // namespace trm
