// The wasm_simd kernel set.

#include "runtime/kernels/dot_wasm.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_wasm.hpp"

namespace trm {

extern const KernelSet wasm_simd_kernels;
constinit const KernelSet wasm_simd_kernels =
    kernel_set_of<WasmSimd>("wasm_simd", &CpuFeatures::wasm_simd, DotWasm::sums_in_int16, DotWasm::tile_rows,
                            matmul_int8<WasmSimd, DotWasm>, matmul_q4<WasmSimd, DotWasm>);

}  // namespace trm
