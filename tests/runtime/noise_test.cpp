// Noise: the generator against its authors' known answers, the distribution against its moments.

#include "runtime/noise.hpp"
#include "tests/catch.hpp"

#include <vector>

namespace trm::runtime_noise_test {
namespace {

std::vector<float> noise(const NoisePlace& place, std::size_t count, double sigma = 1) {
  std::vector<float> values(count);
  add_noise(place, sigma, values);
  return values;
}

TEST_CASE("Philox4x32-10 gives its authors' known answers") {
  constexpr std::uint32_t ones = 0xFFFFFFFF;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8});
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        PhiloxCounter{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD});
  CHECK(philox({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, {0xA4093822, 0x299F31D0}) ==
        PhiloxCounter{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1});
}

TEST_CASE("noise has the moments of a normal distribution and scales with sigma") {
  const std::size_t count = 1 << 20;
  double sums[5] = {};
  for (const double x : noise({.seed = 7}, count, 0.5)) {
    for (int power = 1; power < 5; ++power) sums[power] += std::pow(x / 0.5, power) / static_cast<double>(count);
  }
  CHECK(std::abs(sums[1]) < 5e-3);  // five standard errors: 1, sqrt 2, sqrt 15, sqrt 96, each / 1024
  CHECK(std::abs(sums[2] - 1) < 7e-3);
  CHECK(std::abs(sums[3]) < 19e-3);
  CHECK(std::abs(sums[4] - 3) < 48e-3);
}

TEST_CASE("every part of its place changes the noise, and the length does not") {
  const auto base = noise({.seed = 1, .sample = 2, .trajectory = 3, .step = 4, .latent = 5}, 8);
  const std::uint64_t upper = std::uint64_t{1} << 32;  // the upper 32 bits of a 64-bit part count, too
  for (const NoisePlace& other :
       {NoisePlace{1 + upper, 2, 3, 4, 5}, NoisePlace{2, 2, 3, 4, 5}, NoisePlace{1, 2 + upper, 3, 4, 5},
        NoisePlace{1, 3, 3, 4, 5}, NoisePlace{1, 2, 4, 4, 5}, NoisePlace{1, 2, 3, 5, 5}, NoisePlace{1, 2, 3, 4, 6}}) {
    CHECK(noise(other, 8) != base);
  }
  auto shorter = noise({1, 2, 3, 4, 5}, 7);
  CHECK(std::equal(shorter.begin(), shorter.end(), base.begin()));
}

}  // namespace
TEST_CASE("random starts are a truncated normal of the wanted spread, and depend on their place alone") {
  const NoisePlace place{.seed = 3, .sample = 5, .trajectory = 1, .step = 0, .latent = 1};
  std::vector<float> values(200000);
  draw_truncated_normal(place, 1.5, values);
  double sum = 0, squares = 0, largest = 0;
  for (const float value : values) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  }
  const auto n = static_cast<double>(values.size());
  CHECK(std::abs(sum / n) < 0.02);
  CHECK(std::abs(std::sqrt(squares / n) - 1.5) < 0.01);
  const double scale = 1.5 * 1.1368472343385565;  // 1 / sqrt(1 - 4 phi(2) / P(|N| < 2))
  CHECK(largest <= 2 * scale + 1e-6);
  CHECK(largest > 1.99 * scale);
  std::vector<float> fewer(7), other(7);
  draw_truncated_normal(place, 1.5, fewer);
  CHECK(std::equal(fewer.begin(), fewer.end(), values.begin()));
  NoisePlace elsewhere = place;
  elsewhere.trajectory = 2;
  draw_truncated_normal(elsewhere, 1.5, other);
  CHECK(other != fewer);
}

TEST_CASE("the inverse error function is exact to the last digits of float32") {
  for (int i = -95; i <= 95; ++i) {
    const double y = i / 100.0;
    CHECK(std::abs(std::erf(inverse_erf(y)) - y) < 1e-12);
  }
}

TEST_CASE("noise of a part is that part of the noise of the whole, and every use has its own") {
  const NoisePlace place{.seed = 1, .sample = 2, .trajectory = 0, .step = 4, .latent = 0};
  std::vector<float> whole(30), part(11), other(30);
  add_noise(place, 1, whole);
  add_noise(place, 1, part, 7);
  CHECK(std::equal(part.begin(), part.end(), whole.begin() + 7));
  add_noise(place, 1, other, 0, static_cast<std::uint32_t>(DrawUse::first_call));
  CHECK(other != whole);
}

}  // namespace trm::runtime_noise_test
