// The avx512 kernel set.

#include "runtime/kernels/dot_avx512.hpp"
#include "runtime/kernels/mamba_kernels.hpp"
#include "runtime/kernels/matmul_f32.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/quantize_rows.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/kernels/simd_avx512.hpp"

namespace trm {

extern const KernelSet avx512_kernels;
const KernelSet avx512_kernels = {
    .name = "avx512",
    .supported = [](const CpuFeatures& cpu) { return cpu.avx512; },
    .vector_columns = Avx512::width,
    .panel_columns = 2 * Avx512::width,
    .tile_rows = Avx512::tile_rows,
    .sums_in_int16 = DotAvx512::sums_in_int16,
    .matmul_f32 = matmul_f32<Avx512>,
    .matmul_int8 = matmul_int8<Avx512, DotAvx512>,
    .add = add<Avx512>,
    .rms_norm = rms_norm<Avx512>,
    .softmax = softmax<Avx512>,
    .scale_rows = scale_rows<Avx512>,
    .rotate = rotate<Avx512>,
    .transpose = transpose<Avx512>,
    .quantize = quantize<Avx512>,
    .split = split<Avx512>,
    .convolve = convolve<Avx512>,
    .scan = scan<Avx512>,
    .gated_rms_norm = gated_rms_norm<Avx512>,
};

}  // namespace trm
