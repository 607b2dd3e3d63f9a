// The neon_dotprod kernel set.

#include "runtime/kernels/dot_neon_dotprod.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_neon.hpp"

namespace trm {

extern const KernelSet neon_dotprod_kernels;
constinit const KernelSet neon_dotprod_kernels =
    kernel_set_of<Neon>("neon_dotprod", &CpuFeatures::neon_dotprod, DotNeonDotprod::sums_in_int16,
                        DotNeonDotprod::tile_rows, matmul_int8<Neon, DotNeonDotprod>, matmul_q4<Neon, DotNeonDotprod>);

}  // namespace trm
