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

// The sum of squared errors of a block whose scale is `scale`, each weight the nearest that the format has.
double block_error(std::span<const float> weights, double scale) {
  double error = 0;
  for (const float w : weights) {
    const double q = scale == 0 ? 0 : std::clamp(std::nearbyint(w / scale), -8.0, 7.0);
    error += (w - scale * q) * (w - scale * q);
  }
  return error;
}

double error_of(std::span<const float> weights, std::span<const Q4Block> blocks) {
  std::vector<float> values(weights.size());
  dequantize_q4(blocks, values.data());
  double error = 0;
  for (std::size_t i = 0; i < values.size(); ++i) error += (weights[i] - values[i]) * double{weights[i] - values[i]};
  return error;
}

TEST_CASE("four-bit scales are nearly the best there are, and never worse than ggml's") {
  std::mt19937 generator(2);
  std::normal_distribution<float> normal;
  const float magnitudes[] = {1.0F, 0.02F, 100.0F};
  double found = 0, best = 0;
  for (int trial = 0; trial < 150; ++trial) {
    std::vector<float> weights(32);
    for (float& w : weights) w = normal(generator) * magnitudes[trial % 3];
    if (trial % 5 == 0) weights[7] *= 6;  // one that stands out
    Q4Block block;
    quantize_q4({weights.data(), 1, 32}, &block, "w");
    const double error = error_of(weights, std::span(&block, 1));
    const float peak = *std::ranges::max_element(weights, {}, [](float w) { return std::abs(w); });
    CHECK(error <= block_error(weights, half_to_float(float_to_half(peak / -8))) * 1.001);
    double least = error;
    for (double scale = peak / 16.0; std::abs(scale) < std::abs(peak / 3.0); scale *= 1.001) {
      least = std::min({least, block_error(weights, scale), block_error(weights, -scale)});
    }
    CHECK(error <= 1.05 * least);
    found += error / (peak * peak);
    best += least / (peak * peak);
  }
  CHECK(found <= 1.005 * best);
}

TEST_CASE("what four-bit blocks hold exactly stays as it is, and zeros are zeros") {
  std::vector<float> weights(3 * 32);
  for (std::size_t i = 0; i < 32; ++i) weights[i] = 0.25F * static_cast<float>(static_cast<int>(i % 16) - 8);
  for (std::size_t i = 0; i < 32; ++i) weights[32 + i] = 3.0F * static_cast<float>(8 - static_cast<int>(i % 16));
  std::vector<Q4Block> blocks(3);
  quantize_q4({weights.data(), 1, 96}, blocks.data(), "w");
  std::vector<float> values(weights.size());
  dequantize_q4(blocks, values.data());
  CHECK(values == weights);
  CHECK(half_to_float(blocks[0].scale) == 0.25F);
  CHECK(blocks[2].nibbles == std::array<std::uint8_t, 16>{136, 136, 136, 136, 136, 136, 136, 136, 136, 136, 136, 136,
                                                          136, 136, 136, 136});  // q = 8 is zero at any scale
}

TEST_CASE("four bits take weights of any magnitude that they can hold, and name the tensor of the others") {
  for (const float magnitude : {0.0F, 1e-44F, 1e-36F, 1e-7F, 1e-4F, 1e4F, 3e5F}) {
    CAPTURE(magnitude);
    std::vector<float> weights(32);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = magnitude * static_cast<float>(i % 5);
    for (float& w : weights) w = std::min(w, 3e5F);
    Q4Block block;
    quantize_q4({weights.data(), 1, 32}, &block, "w");
    std::vector<float> values(32);
    dequantize_q4(std::span(&block, 1), values.data());
    for (std::size_t i = 0; i < 32; ++i) CHECK(std::abs(values[i] - weights[i]) <= 0.6F * magnitude + 0x1p-22F);
  }
  for (const float bad : {1e6F, -INFINITY, NAN}) {
    CAPTURE(bad);
    std::vector<float> weights(32, 1.0F);
    weights[9] = bad;
    Q4Block block;
    try {
      quantize_q4({weights.data(), 1, 32}, &block, "mlp.weight");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::input);
      CHECK_THAT(error.what(), Catch::Contains("mlp.weight"));
    }
  }
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
