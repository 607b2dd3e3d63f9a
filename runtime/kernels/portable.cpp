// The portable kernel set.

#include "runtime/kernels/dot_portable.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_portable.hpp"

namespace trm {

extern const KernelSet portable_kernels;
constinit const KernelSet portable_kernels =
    kernel_set_of<Portable>("portable", nullptr, DotPortable::sums_in_int16, DotPortable::tile_rows,
                            matmul_int8<Portable, DotPortable>, matmul_q4<Portable, DotPortable>);

}  // namespace trm
