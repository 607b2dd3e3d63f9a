// The avx2 kernel set.

#include "runtime/kernels/dot_avx2.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_avx2.hpp"

namespace trm {

extern const KernelSet avx2_kernels;
constinit const KernelSet avx2_kernels =
    kernel_set_of<Avx2>("avx2", &CpuFeatures::avx2, DotAvx2::sums_in_int16, DotAvx2::tile_rows,
                        matmul_int8<Avx2, DotAvx2>, matmul_q4<Avx2, DotAvx2>, true);

}  // namespace trm
