// The portable kernel set.

#include "runtime/kernels/dot_portable.hpp"
#include "runtime/kernels/mamba_kernels.hpp"
#include "runtime/kernels/matmul_f32.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/quantize_rows.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/kernels/simd_portable.hpp"

namespace trm {

extern const KernelSet portable_kernels;
const KernelSet portable_kernels = {
    .name = "portable",
    .supported = [](const CpuFeatures&) { return true; },
    .vector_columns = Portable::width,
    .panel_columns = 2 * Portable::width,
    .tile_rows = Portable::tile_rows,
    .sums_in_int16 = DotPortable::sums_in_int16,
    .matmul_f32 = matmul_f32<Portable>,
    .matmul_int8 = matmul_int8<Portable, DotPortable>,
    .add = add<Portable>,
    .rms_norm = rms_norm<Portable>,
    .softmax = softmax<Portable>,
    .scale_rows = scale_rows<Portable>,
    .rotate = rotate<Portable>,
    .transpose = transpose<Portable>,
    .quantize = quantize<Portable>,
    .split = split<Portable>,
    .convolve = convolve<Portable>,
    .scan = scan<Portable>,
    .gated_rms_norm = gated_rms_norm<Portable>,
};

}  // namespace trm
