// The portable kernel set.

#include <array>
#include <utility>

#include "runtime/kernels/matmul_f32.hpp"
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
    .matmul_f32 = matmul_f32<Portable>,
    .add = add<Portable>,
    .rms_norm = rms_norm<Portable>,
    .softmax = softmax<Portable>,
    .scale_rows = scale_rows<Portable>,
    .rotate = rotate<Portable>,
};

}  // namespace trm
