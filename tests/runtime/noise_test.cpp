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
}  // namespace trm::runtime_noise_test
