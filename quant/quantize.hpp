#pragma once
// Weights in fewer bits, as the converter writes them and the kernels take them.

#include <cstdint>
#include <span>

#include "base/q4_block.hpp"
#include "runtime/tensor.hpp"

namespace trm {

// Symmetric int8 with one scale for each output channel (row): w ~ scale q, q in [-127, 127]. The row's largest
// magnitude becomes 127; a row of zeros gets the scale 0. weights and q are [N, K], scale is [N]. Rounds to nearest,
// ties to even.
void quantize_int8(MatrixView<const float> weights, std::int8_t* q, float* scale);

// IEEE binary16, to nearest even. Throws Error(input) at a magnitude above 65504,
// which half precision cannot hold; `name` is the tensor's, for the message.
void quantize_f16(std::span<const float> weights, std::uint16_t* half, const char* name);

// GGUF's Q4_0: the scale of each block of 32 weights is the one with the smallest sum of squared errors of those that
// are tried (any sign of the scale, with and without clipping the largest magnitude), rounded to half precision.
// weights [N, K], K a multiple of 32; blocks [N, K / 32]. Throws Error(input) at a weight that is not finite or so
// large that half precision cannot hold its block's scale; `name` is the tensor's.
void quantize_q4(MatrixView<const float> weights, Q4Block* blocks, const char* name);

// The values that blocks stand for, 32 of each.
void dequantize_q4(std::span<const Q4Block> blocks, float* weights);

// The values that int8 weights stand for: weights[n, k] = scale[n] q[n, k].
void dequantize_int8(MatrixView<const std::int8_t> q, const float* scale, float* weights);

}  // namespace trm
