// The avx512_vnni kernel set.

#include "runtime/kernels/dot_avx512_vnni.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_avx512.hpp"

namespace trm {

extern const KernelSet avx512_vnni_kernels;
constinit const KernelSet avx512_vnni_kernels = kernel_set_of<Avx512>(
    "avx512_vnni", &CpuFeatures::avx512_vnni, DotAvx512Vnni::sums_in_int16, DotAvx512Vnni::tile_rows,
    matmul_int8<Avx512, DotAvx512Vnni>, matmul_q4<Avx512, DotAvx512Vnni>, true);

}  // namespace trm
