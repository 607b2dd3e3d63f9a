// A skeleton to copy to runtime/kernels/NAME.cpp: a kernel set put together from a vector type and a dot product
// (docs/adding-a-kernel.md). Replace Portable by a struct of the same functions over the vectors of your instruction
// set, DotPortable by its int8 dot product, and the condition by what the processor must have. The tests compile this
// file.

#include "runtime/kernels/dot_portable.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_portable.hpp"

namespace trm {

extern const KernelSet my_kernels;
constinit const KernelSet my_kernels =
    kernel_set_of<Portable>("my_set", &CpuFeatures::avx2, DotPortable::sums_in_int16, DotPortable::tile_rows,
                            matmul_int8<Portable, DotPortable>, matmul_q4<Portable, DotPortable>);

}  // namespace trm
