// The neon_i8mm kernel set.

#include "runtime/kernels/mamba_kernels.hpp"
#include "runtime/kernels/matmul_f32.hpp"
#include "runtime/kernels/matmul_int8_i8mm.hpp"
#include "runtime/kernels/quantize_rows.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/kernels/simd_neon.hpp"

namespace trm {

extern const KernelSet neon_i8mm_kernels;
const KernelSet neon_i8mm_kernels = {
    .name = "neon_i8mm",
    .supported = [](const CpuFeatures& cpu) { return cpu.neon_i8mm; },
    .vector_columns = Neon::width,
    .panel_columns = 2 * Neon::width,
    .tile_rows = Neon::tile_rows,
    .sums_in_int16 = false,
    .matmul_f32 = matmul_f32<Neon>,
    .matmul_int8 = matmul_int8_i8mm,
    .add = add<Neon>,
    .rms_norm = rms_norm<Neon>,
    .softmax = softmax<Neon>,
    .scale_rows = scale_rows<Neon>,
    .rotate = rotate<Neon>,
    .transpose = transpose<Neon>,
    .quantize = quantize<Neon>,
    .split = split<Neon>,
    .convolve = convolve<Neon>,
    .scan = scan<Neon>,
    .gated_rms_norm = gated_rms_norm<Neon>,
};

}  // namespace trm
