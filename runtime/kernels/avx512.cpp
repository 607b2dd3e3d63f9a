// The avx512 kernel set.

#include <array>
#include <utility>

#include "runtime/kernels/matmul_f32.hpp"
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
    .matmul_f32 = matmul_f32<Avx512>,
    .add = add<Avx512>,
    .rms_norm = rms_norm<Avx512>,
    .softmax = softmax<Avx512>,
    .scale_rows = scale_rows<Avx512>,
    .rotate = rotate<Avx512>,
};

}  // namespace trm
