#include "quant/quantize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/error.hpp"
#include "base/half.hpp"

namespace trm {

namespace {

using Q4Numbers = std::array<float, q4_block_weights>;  // integers in [-8, 7]

// The nearest integers to weights / scale. Adding 1.5 2^23 makes a float's unit 1.
Q4Numbers q4_numbers(const float* weights, float inverse_scale) {
  constexpr float unit = 12582912.0F;
  Q4Numbers q;
  for (std::size_t i = 0; i < q.size(); ++i) {
    q[i] = std::clamp(weights[i] * inverse_scale, -8.0F, 7.0F) + unit - unit;
  }
  return q;
}

// For integers q, sum (w - d q)^2 is smallest at d = sum w q / sum q^2, by (sum w q)^2 / sum q^2 less than sum w^2.
struct Q4Fit {
  float scale = 0;
  float gain = 0;
};
Q4Fit fit_scale(const float* weights, const Q4Numbers& q) {
  float product = 0, square = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    product += weights[i] * q[i];
    square += q[i] * q[i];
  }
  return square > 0 ? Q4Fit{product / square, product / square * product} : Q4Fit{};
}

Q4Block quantize_block(const float* weights) {
  constexpr int tries = 64;
  const float peak = *std::max_element(weights, weights + q4_block_weights,
                                       [](float a, float b) { return std::fabs(a) < std::fabs(b); });
  Q4Fit best;
  for (int i = 0; i < tries && std::fabs(peak) >= 0x1p-100F; ++i) {
    // The number that the largest magnitude becomes before clipping: from 5 to 11.2, and its negative.
    const int pair = i / 2;
    const float largest = 5.0F + 0.2F * static_cast<float>(pair);
    const float inverse_scale = (i % 2 == 0 ? -largest : largest) / peak;
    const Q4Fit fit = fit_scale(weights, q4_numbers(weights, inverse_scale));
    if (fit.gain > best.gain) best = fit;
  }
  Q4Block block{.scale = float_to_half(best.scale)};
  const float scale = half_to_float(block.scale);
  const Q4Numbers q = q4_numbers(weights, scale == 0 ? 0.0F : 1.0F / scale);
  for (std::size_t j = 0; j < block.nibbles.size(); ++j) {
    const auto low = static_cast<unsigned>(static_cast<int>(q[j]) + q4_zero_point);
    const auto high = static_cast<unsigned>(static_cast<int>(q[j + q.size() / 2]) + q4_zero_point);
    block.nibbles[j] = static_cast<std::uint8_t>(low | high << 4);
  }
  return block;
}

}  // namespace

void quantize_q4(MatrixView<const float> weights, Q4Block* blocks, const char* name) {
  constexpr float largest = 65504.0F * 5;  // of a weight: the scale is at most a fifth of it
  for (std::int64_t n = 0; n < weights.rows; ++n) {
    const float* row = weights.row(n);
    for (std::int64_t k = 0; k < weights.cols; ++k) {
      if (std::fabs(row[k]) < largest) continue;
      throw input_error(
          "", std::string("tensor ") + name,
          "value " + std::to_string(row[k]) + " is beyond four-bit blocks, whose scale has half precision",
          "keep the model in float32 or int8", {"type"});
    }
    for (std::int64_t k = 0; k < weights.cols; k += q4_block_weights) *blocks++ = quantize_block(row + k);
  }
}

void dequantize_q4(std::span<const Q4Block> blocks, float* weights) {
  for (const Q4Block& block : blocks) {
    const float scale = half_to_float(block.scale);
    for (std::int64_t i = 0; i < q4_block_weights; ++i) *weights++ = scale * static_cast<float>(q4_value(block, i));
  }
}

void quantize_int8(MatrixView<const float> weights, std::int8_t* q, float* scale) {
  constexpr float largest = 127.0F;
  for (std::int64_t n = 0; n < weights.rows; ++n) {
    const float* row = weights.row(n);
    float peak = 0.0F;
    for (std::int64_t k = 0; k < weights.cols; ++k) peak = std::max(peak, std::fabs(row[k]));
    scale[n] = peak / largest;
    for (std::int64_t k = 0; k < weights.cols; ++k) {
      const float value = peak > 0.0F ? std::nearbyint(row[k] / peak * largest) : 0.0F;
      q[n * weights.cols + k] = static_cast<std::int8_t>(value);
    }
  }
}

void quantize_f16(std::span<const float> weights, std::uint16_t* half, const char* name) {
  constexpr float largest = 65504.0F;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(std::fabs(weights[i]) <= largest)) {
      throw input_error("", std::string("tensor ") + name,
                        "value " + std::to_string(weights[i]) + " does not fit half precision",
                        "keep the model in float32", {"type"});
    }
    half[i] = float_to_half(weights[i]);
  }
}

void dequantize_int8(MatrixView<const std::int8_t> q, const float* scale, float* weights) {
  for (std::int64_t n = 0; n < q.rows; ++n) {
    for (std::int64_t k = 0; k < q.cols; ++k) weights[n * q.cols + k] = scale[n] * static_cast<float>(q.row(n)[k]);
  }
}

}  // namespace trm
