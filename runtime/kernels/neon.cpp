// The neon kernel set.

#include "runtime/kernels/dot_neon.hpp"
#include "runtime/kernels/mamba_kernels.hpp"
#include "runtime/kernels/matmul_f32.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/quantize_rows.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/kernels/simd_neon.hpp"

namespace trm {

extern const KernelSet neon_kernels;
const KernelSet neon_kernels = {
    .name = "neon",
    .supported = [](const CpuFeatures& cpu) { return cpu.neon; },
    .vector_columns = Neon::width,
    .panel_columns = 2 * Neon::width,
    .tile_rows = Neon::tile_rows,
    .sums_in_int16 = DotNeon::sums_in_int16,
    .matmul_f32 = matmul_f32<Neon>,
    .matmul_int8 = matmul_int8<Neon, DotNeon>,
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
