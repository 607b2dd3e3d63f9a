#include "quant/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.hpp"
#include "base/half.hpp"

namespace trm {

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
