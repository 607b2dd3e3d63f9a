// Weights in fewer bits: the promised errors and no more.

#include "quant/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/error.hpp"
#include "base/half.hpp"
#include "tests/catch.hpp"

namespace trm::quant_quantize_test {
namespace {

TEST_CASE("int8 weights are within half a step, the largest is 127") {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  const std::int64_t rows = 6, cols = 97, stride = 101;
  std::vector<float> weights(static_cast<std::size_t>(rows * stride), NAN);  // the gap between rows is not read
  const float magnitudes[] = {1.0F, 1e-6F, 1e6F, 0.0F, 1e-30F, 1e37F};
  for (std::int64_t n = 0; n < rows; ++n)
    for (std::int64_t k = 0; k < cols; ++k)
      weights[static_cast<std::size_t>(n * stride + k)] = std::clamp(normal(generator), -3.0F, 3.0F) * magnitudes[n];
  std::vector<std::int8_t> q(static_cast<std::size_t>(rows * cols), 99);
  std::vector<float> scale(static_cast<std::size_t>(rows), NAN);
  const MatrixView<const float> view(weights.data(), rows, cols, stride);
  quantize_int8(view, q.data(), scale.data());
  for (std::int64_t n = 0; n < rows; ++n) {
    CAPTURE(n);
    const double s = scale[static_cast<std::size_t>(n)];
    double worst = 0;
    int largest = 0;
    for (std::int64_t k = 0; k < cols; ++k) {
      const int value = q[static_cast<std::size_t>(n * cols + k)];
      largest = std::max(largest, std::abs(value));
      worst = std::max(worst, std::abs(s * value - view.row(n)[k]));
    }
    CHECK(worst <= s * 0.50001);
    CHECK(largest == (n == 3 ? 0 : 127));
  }
  CHECK(scale[3] == 0.0F);
}

TEST_CASE("int8 ties go to the even number") {
  const std::vector<float> weights = {127.0F, 0.5F, 1.5F, 2.5F, -0.5F, -1.5F, -2.5F, -127.0F};
  std::vector<std::int8_t> q(weights.size());
  float scale = 0;
  quantize_int8({weights.data(), 1, 8}, q.data(), &scale);
  CHECK(scale == 1.0F);
  CHECK(q == std::vector<std::int8_t>{127, 0, 2, 2, 0, -2, -2, -127});
}

TEST_CASE("weights in half precision are the nearest halves") {
  const std::vector<float> weights = {0.1F, -0.0F, 65504.0F, -65504.0F, 1e-7F, 3.14159F};
  std::vector<std::uint16_t> half(weights.size());
  quantize_f16(weights, half.data(), "w");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    CAPTURE(weights[i]);
    // Half a unit of eleven bits, or of the smallest half.
    CHECK(std::abs(half_to_float(half[i]) - weights[i]) <= std::max(std::abs(weights[i]) * 0x1p-11F, 0x1p-25F));
  }
}

TEST_CASE("weights that half precision cannot hold are refused by name") {
  for (const float bad : {65505.0F, -1e6F, INFINITY, NAN}) {
    CAPTURE(bad);
    const std::vector<float> weights = {1.0F, bad};
    std::vector<std::uint16_t> half(weights.size());
    try {
      quantize_f16(weights, half.data(), "lm_head.weight");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::input);
      CHECK_THAT(error.what(), Catch::Contains("lm_head.weight") && Catch::Contains("keep the model in float32"));
    }
  }
}

}  // namespace
}  // namespace trm::quant_quantize_test
