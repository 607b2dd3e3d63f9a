// Half precision by its definition, over every half and between every two.

#include "base/half.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "runtime/kernels/packed_matrix.hpp"
#include "tests/catch.hpp"

namespace trm::base_half_test {
namespace {

// (-1)^s 2^(e - 15) 1.f, or 2^-14 0.f
double value_of(std::uint32_t half) {
  const double sign = (half & 0x8000U) != 0 ? -1.0 : 1.0;
  const auto exponent = static_cast<int>(half >> 10 & 0x1FU);
  const double fraction = half & 0x3FFU;
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024.0 + fraction, exponent - 25));
}

// The nearest of all halves, the even one of two; 65504 + half a step and more is infinity.
std::uint32_t nearest_half(float x) {
  static const std::vector<double> magnitudes = [] {
    std::vector<double> all;
    for (std::uint32_t half = 0; half < 0x7C00U; ++half) all.push_back(value_of(half));
    all.push_back(65536.0);
    return all;
  }();
  const std::uint32_t sign = std::signbit(x) ? 0x8000U : 0U;
  const double magnitude = std::abs(static_cast<double>(x));
  if (magnitude >= 65536.0) return sign | 0x7C00U;
  const auto above = std::upper_bound(magnitudes.begin(), magnitudes.end(), magnitude);
  const auto low = static_cast<std::uint32_t>(above - magnitudes.begin() - 1);
  const double to_low = magnitude - magnitudes[low], to_high = *above - magnitude;
  const bool up = to_high < to_low || (to_high == to_low && low % 2 == 1);
  return sign | (low + (up ? 1U : 0U));
}

TEST_CASE("every half has its value") {
  for (std::uint32_t half = 0; half < 0x10000U; ++half) {
    const float value = half_to_float(static_cast<std::uint16_t>(half));
    const double expected = value_of(half);
    if (std::isnan(expected) ? !std::isnan(value) : value != expected || std::signbit(value) != std::signbit(expected))
      FAIL("half " << half << " gave " << value);
  }
}

TEST_CASE("floats become the nearest half") {
  std::int64_t wrong = 0;
  const auto check = [&](float x) { wrong += float_to_half(x) != nearest_half(x); };
  for (std::uint32_t half = 0; half < 0x7C00U; ++half) {
    const double low = value_of(half), high = half == 0x7BFFU ? 65536.0 : value_of(half + 1);
    for (const double x : {low, (low + high) / 2}) {
      for (const float sign : {1.0F, -1.0F}) {
        const float exact = sign * static_cast<float>(x);  // a midpoint has one bit more than a half
        check(exact);
        check(std::nextafter(exact, INFINITY));
        check(std::nextafter(exact, -INFINITY));
      }
    }
  }
  std::mt19937 bits(1);
  for (int i = 0; i < 300000; ++i) {
    const auto pattern = static_cast<std::uint32_t>(bits());
    float x = 0;
    std::memcpy(&x, &pattern, sizeof x);
    if (!std::isnan(x)) check(x);
  }
  CHECK(wrong == 0);
  CHECK(float_to_half(INFINITY) == 0x7C00U);
  CHECK(float_to_half(-INFINITY) == 0xFC00U);
  CHECK(std::isnan(half_to_float(float_to_half(NAN))));
}

TEST_CASE("half-precision weights are packed as the floats that they stand for") {
  std::vector<std::uint16_t> halves(0x10000U);
  std::vector<float> floats(halves.size());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    halves[i] = static_cast<std::uint16_t>(i);
    floats[i] = half_to_float(halves[i]);
  }
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const auto order : {PanelOrder::plain, PanelOrder::gate_up}) {
      for (const std::int64_t cols : {256, 2048}) {
        CAPTURE(kernels->name, cols);
        const std::int64_t rows = 0x10000 / cols;
        PackedMatrix from_halves, from_floats;
        const auto arena = Arena::sized([&](Arena& a) {
          from_halves = pack_f16(*kernels, {halves.data(), rows, cols}, order, a);
          from_floats = pack(*kernels, {floats.data(), rows, cols}, order, a);
        });
        const auto bytes = static_cast<std::size_t>(packed_elements(*kernels, rows, cols)) * sizeof(float);
        CHECK(std::memcmp(from_halves.data, from_floats.data, bytes) == 0);
        if (order != PanelOrder::plain) continue;
        std::int64_t wrong = 0;
        for (std::int64_t n = 0; n < rows; ++n) {
          const auto [offset, step] = packed_position(kernels->vector_columns, rows, cols, n);
          for (std::int64_t k = 0; k < cols; ++k) {
            wrong += std::memcmp(from_floats.as<float>() + offset + k * step,
                                 &floats[static_cast<std::size_t>(n * cols + k)], sizeof(float)) != 0;
          }
        }
        CHECK(wrong == 0);
      }
    }
  }
}

}  // namespace
}  // namespace trm::base_half_test
