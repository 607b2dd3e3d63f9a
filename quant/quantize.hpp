#pragma once
// Weights in fewer bits, as the converter writes them and the kernels take them.

#include <cstdint>
#include <span>

#include "runtime/tensor.hpp"

namespace trm {

// Symmetric int8 with one scale for each output channel (row): w ~ scale q, q in [-127, 127]. The row's largest
// magnitude becomes 127; a row of zeros gets the scale 0. weights and q are [N, K], scale is [N]. Rounds to nearest,
// ties to even.
void quantize_int8(MatrixView<const float> weights, std::int8_t* q, float* scale);

// IEEE binary16, to nearest even. Throws Error(input) at a magnitude above 65504,
// which half precision cannot hold; `name` is the tensor's, for the message.
void quantize_f16(std::span<const float> weights, std::uint16_t* half, const char* name);

// The values that int8 weights stand for: weights[n, k] = scale[n] q[n, k].
void dequantize_int8(MatrixView<const std::int8_t> q, const float* scale, float* weights);

}  // namespace trm
