// The neon kernel set.

#include "runtime/kernels/dot_neon.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_neon.hpp"

namespace trm {

extern const KernelSet neon_kernels;
constinit const KernelSet neon_kernels =
    kernel_set_of<Neon>("neon", &CpuFeatures::neon, DotNeon::sums_in_int16, DotNeon::tile_rows,
                        matmul_int8<Neon, DotNeon>, matmul_q4<Neon, DotNeon>);

}  // namespace trm
