#pragma once
// Dot products of four unsigned bytes, at most 127, with four signed ones: WebAssembly's fixed-width SIMD.
//
// It has no product of bytes that adds. Even and odd bytes are widened to 16 bits, whose products one instruction adds
// in pairs. The compiler takes the widening out of the loops over a tile's rows and columns.

#include <wasm_simd128.h>

#include <cstdint>

namespace trm {
namespace {

struct DotWasm {
  static constexpr std::int64_t width = 4;
  static constexpr int tile_rows = 4;
  static constexpr bool sums_in_int16 = false;
  using Integers = v128_t;

  static Integers load(const void* p) { return wasm_v128_load(p); }
  static void store(std::int32_t* p, Integers v) { wasm_v128_store(p, v); }
  static Integers broadcast(const std::uint8_t* p) { return wasm_v128_load32_splat(p); }
  static Integers dot(Integers sum, Integers q, Integers w) {
    const v128_t even =
        wasm_i32x4_dot_i16x8(wasm_v128_and(q, wasm_i16x8_splat(0xFF)), wasm_i16x8_shr(wasm_i16x8_shl(w, 8), 8));
    const v128_t odd = wasm_i32x4_dot_i16x8(wasm_u16x8_shr(q, 8), wasm_i16x8_shr(w, 8));
    return wasm_i32x4_add(wasm_i32x4_add(sum, even), odd);
  }
  static v128_t to_float(Integers v) { return wasm_f32x4_convert_i32x4(v); }
};

}  // namespace
}  // namespace trm
