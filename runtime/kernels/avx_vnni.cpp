// The avx_vnni kernel set.

#include "runtime/kernels/dot_avx_vnni.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_avx2.hpp"

namespace trm {

extern const KernelSet avx_vnni_kernels;
constinit const KernelSet avx_vnni_kernels =
    kernel_set_of<Avx2>("avx_vnni", &CpuFeatures::avx_vnni, DotAvxVnni::sums_in_int16, DotAvxVnni::tile_rows,
                        matmul_int8<Avx2, DotAvxVnni>, matmul_q4<Avx2, DotAvxVnni>, true);

}  // namespace trm
