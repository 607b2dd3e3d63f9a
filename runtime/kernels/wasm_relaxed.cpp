// The wasm_relaxed kernel set: WebAssembly's fixed-width SIMD with its relaxed instructions.
//
// A module with these instructions is invalid where the browser lacks them, so every program exists with and without
// them. This file is compiled for both; without them it holds a set that nothing can run.

#include "runtime/kernels/dot_wasm.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_wasm.hpp"

namespace trm {

extern const KernelSet wasm_relaxed_kernels;

#if defined(__wasm_relaxed_simd__)
namespace {

// What is relaxed is the result for arguments that we do not have: the product of bytes is exact where the second one
// has seven bits. Products and sums of floats are rounded once or twice, as the CPU does it.
struct WasmRelaxed : WasmSimd {
  static Vector fma(Vector a, Vector b, Vector c) { return wasm_f32x4_relaxed_madd(a, b, c); }
  static Vector fnma(Vector a, Vector b, Vector c) { return wasm_f32x4_relaxed_nmadd(a, b, c); }
};

struct DotWasmRelaxed : DotWasm {
  static Integers dot(Integers sum, Integers q, Integers w) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(w, q, sum);
  }
};

}  // namespace

constinit const KernelSet wasm_relaxed_kernels = kernel_set_of<WasmRelaxed>(
    "wasm_relaxed", &CpuFeatures::wasm_simd, DotWasmRelaxed::sums_in_int16, DotWasmRelaxed::tile_rows,
    matmul_int8<WasmRelaxed, DotWasmRelaxed>, matmul_q4<WasmRelaxed, DotWasmRelaxed>);
#else
constinit const KernelSet wasm_relaxed_kernels = {.name = "wasm_relaxed", .needs = &CpuFeatures::absent};
#endif

}  // namespace trm
