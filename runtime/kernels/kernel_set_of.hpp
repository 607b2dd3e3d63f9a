#pragma once
// Puts a kernel set together from its vectors and its products of quantized numbers.

#include <string_view>

#include "runtime/kernels/chunked_scan.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/mamba_kernels.hpp"
#include "runtime/kernels/matmul_f32.hpp"
#include "runtime/kernels/probabilities.hpp"
#include "runtime/kernels/quantize_rows.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/kernels/weighted_rows.hpp"

namespace trm {
namespace {

using QuantizedProduct = void (*)(const QuantizedRows&, const MatmulTask&);

// The most rows of KernelSet::query_rows: with a chunk of keys their scores stay in the first cache.
inline constexpr int largest_query_rows = 16;

// A set over the float vectors S (simd_*.hpp), with matmul_int8 and the rows of its largest register tile. Only for
// constant expressions: code of an instruction set must not run before it is known that the CPU has it.
template <class S>
consteval KernelSet kernel_set_of(std::string_view name, bool CpuFeatures::*needs, bool sums_in_int16,
                                  int tile_rows_int8, QuantizedProduct matmul_int8, QuantizedProduct matmul_q4,
                                  bool eight_bit_rows = false) {
  return {.name = name,
          .needs = needs,
          .vector_columns = S::width,
          .panel_columns = 2 * S::width,
          .tile_rows = S::tile_rows,
          .query_rows = largest_query_rows / tile_rows_int8 * tile_rows_int8,
          .eight_bit_rows = eight_bit_rows,
          .sums_in_int16 = sums_in_int16,
          .matmul_f32 = matmul_f32<S>,
          .matmul_int8 = matmul_int8,
          .matmul_q4 = matmul_q4,
          .add = add<S>,
          .rms_norm = rms_norm<S>,
          .softmax = softmax<S>,
          .scale_rows = scale_rows<S>,
          .rotate = rotate<S>,
          .transpose = transpose<S>,
          .quantize = quantize<S>,
          .probabilities = probabilities<S>,
          .convolve = convolve<S>,
          .dt_and_decay = dt_and_decay<S>,
          .scan = scan<S>,
          .gated_rms_norm = gated_rms_norm<S>,
          .weighted_sum = weighted_sum<S>,
          .blend = blend<S>,
          .residual_scales = residual_scales<S>,
          .relative_change = relative_change<S>,
          .weighted_swiglu = weighted_swiglu<S>};
}

}  // namespace
}  // namespace trm
