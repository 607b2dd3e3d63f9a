// The neon_i8mm kernel set.

#include "runtime/kernels/dot_neon_dotprod.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8_i8mm.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_neon.hpp"

namespace trm {

extern const KernelSet neon_i8mm_kernels;
constinit const KernelSet neon_i8mm_kernels = kernel_set_of<Neon>(
    "neon_i8mm", &CpuFeatures::neon_i8mm, false, I8mm::tile_rows, matmul_int8_i8mm, matmul_q4<Neon, DotNeonDotprod>);

}  // namespace trm
