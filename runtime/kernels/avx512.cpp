// The avx512 kernel set.

#include "runtime/kernels/dot_avx512.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_avx512.hpp"

namespace trm {

extern const KernelSet avx512_kernels;
constinit const KernelSet avx512_kernels =
    kernel_set_of<Avx512>("avx512", &CpuFeatures::avx512, DotAvx512::sums_in_int16, DotAvx512::tile_rows,
                          matmul_int8<Avx512, DotAvx512>, matmul_q4<Avx512, DotAvx512>, true);

}  // namespace trm
