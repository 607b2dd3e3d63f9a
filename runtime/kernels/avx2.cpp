// The avx2 kernel set.

#include "runtime/kernels/dot_avx2.hpp"
#include "runtime/kernels/mamba_kernels.hpp"
#include "runtime/kernels/matmul_f32.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/quantize_rows.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/kernels/simd_avx2.hpp"

namespace trm {

extern const KernelSet avx2_kernels;
const KernelSet avx2_kernels = {
    .name = "avx2",
    .supported = [](const CpuFeatures& cpu) { return cpu.avx2; },
    .vector_columns = Avx2::width,
    .panel_columns = 2 * Avx2::width,
    .tile_rows = Avx2::tile_rows,
    .sums_in_int16 = DotAvx2::sums_in_int16,
    .matmul_f32 = matmul_f32<Avx2>,
    .matmul_int8 = matmul_int8<Avx2, DotAvx2>,
    .add = add<Avx2>,
    .rms_norm = rms_norm<Avx2>,
    .softmax = softmax<Avx2>,
    .scale_rows = scale_rows<Avx2>,
    .rotate = rotate<Avx2>,
    .transpose = transpose<Avx2>,
    .quantize = quantize<Avx2>,
    .split = split<Avx2>,
    .convolve = convolve<Avx2>,
    .scan = scan<Avx2>,
    .gated_rms_norm = gated_rms_norm<Avx2>,
};

}  // namespace trm
