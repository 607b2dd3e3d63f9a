#pragma once
// float32 vectors of WebAssembly's fixed-width SIMD, 128 bits. Included only by files compiled for it.

#include <wasm_simd128.h>

#include <bit>
#include <cstdint>

namespace trm {
namespace {

struct WasmSimd {
  static constexpr std::int64_t width = 4;
  // 4 x 2 accumulators, two weight vectors and a broadcast: what fits the 16 registers of the x86-64 CPU below.
  static constexpr int tile_rows = 4;
  using Vector = v128_t;
  using Integers = v128_t;

  static Vector zero() { return wasm_f32x4_const_splat(0.0F); }
  static Vector set(float x) { return wasm_f32x4_splat(x); }
  static Vector load(const float* p) { return wasm_v128_load(p); }
  static void store(float* p, Vector v) { wasm_v128_store(p, v); }
  // The first n < width lanes; the others read as zero and are not written.
  static Vector load(const float* p, std::int64_t n) {
    float lanes[width] = {};
    for (std::int64_t i = 0; i < n; ++i) lanes[i] = p[i];
    return load(lanes);
  }
  static void store(float* p, Vector v, std::int64_t n) {
    float lanes[width];
    store(lanes, v);
    for (std::int64_t i = 0; i < n; ++i) p[i] = lanes[i];
  }

  // The nearest integers, ties to even, of magnitudes below 2^22: adding 1.5 2^23 makes the sum's unit 1. The
  // instructions for rounding and for conversion are slower: each also covers numbers that do not fit.
  static Integers nearest(Vector v) { return wasm_i32x4_sub(add(v, set(12582912.0F)), wasm_i32x4_splat(0x4B400000)); }
  static Integers add_integers(Integers a, Integers b) { return wasm_i32x4_add(a, b); }
  static Vector to_float(Integers v) { return wasm_f32x4_convert_i32x4(v); }
  // Four vectors of integers in [-128, 127] as bytes, each with `offset` added.
  static void store_bytes(std::uint8_t* p, const Integers (&v)[4], char offset) {
    const v128_t bytes =
        wasm_i8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(v[0], v[1]), wasm_i16x8_narrow_i32x4(v[2], v[3]));
    wasm_v128_store(p, wasm_i8x16_add(bytes, wasm_i8x16_splat(static_cast<std::int8_t>(offset))));
  }
  // The upper and the lower seven bits of four vectors of integers in [0, 16383], as bytes.
  static void store_sevens(std::uint8_t* upper, std::uint8_t* lower, const Integers (&v)[4]) {
    const v128_t a = wasm_i16x8_narrow_i32x4(v[0], v[1]), b = wasm_i16x8_narrow_i32x4(v[2], v[3]);
    const v128_t low = wasm_i16x8_splat(127);
    wasm_v128_store(upper, wasm_i8x16_narrow_i16x8(wasm_u16x8_shr(a, 7), wasm_u16x8_shr(b, 7)));
    wasm_v128_store(lower, wasm_i8x16_narrow_i16x8(wasm_v128_and(a, low), wasm_v128_and(b, low)));
  }

  static Vector add(Vector a, Vector b) { return wasm_f32x4_add(a, b); }
  static Vector sub(Vector a, Vector b) { return wasm_f32x4_sub(a, b); }
  static Vector mul(Vector a, Vector b) { return wasm_f32x4_mul(a, b); }
  // pmin and pmax are one instruction on x86-64; min and max, which order zeros and NaN as IEEE 754 does, are several.
  static Vector min(Vector a, Vector b) { return wasm_f32x4_pmin(b, a); }
  static Vector max(Vector a, Vector b) { return wasm_f32x4_pmax(b, a); }
  static Vector fma(Vector a, Vector b, Vector c) { return add(mul(a, b), c); }   // two roundings here, one elsewhere
  static Vector fnma(Vector a, Vector b, Vector c) { return sub(c, mul(a, b)); }  // c - a b
  // a 2^n for n + 1.5 2^23, whose low bits are those of n, added to the exponent's.
  static Vector ldexp(Vector a, Vector shifted) { return wasm_i32x4_add(a, wasm_i32x4_shl(shifted, 23)); }
  // t - floor(t), and a 2^floor(t); t <= 127, and counts as -126 below that.
  static Vector fraction(Vector t) {
    t = above_smallest(t);
    return sub(t, wasm_f32x4_floor(t));
  }
  static Vector times_power(Vector a, Vector t) {
    return wasm_i32x4_add(a, wasm_i32x4_shl(nearest(wasm_f32x4_floor(above_smallest(t))), 23));
  }
  static Vector reciprocal(Vector a) { return wasm_f32x4_div(set(1.0F), a); }
  // Combines lanes in a fixed order: the upper ones with the lower ones, until one is left.
  static float sum(Vector v) {
    v = add(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
    return wasm_f32x4_extract_lane(v, 0) + wasm_f32x4_extract_lane(v, 1);
  }
  static float largest(Vector v) {
    v = max(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
    v = max(v, wasm_i32x4_shuffle(v, v, 1, 0, 3, 2));
    return wasm_f32x4_extract_lane(v, 0);
  }
  // Magnitudes compared as the integers of their bits, where infinity is above every number and NaN above infinity.
  static Vector larger_magnitude(Vector peak, Vector v) { return wasm_i32x4_max(peak, wasm_f32x4_abs(v)); }
  static float largest_magnitude(Vector peak) {
    peak = wasm_i32x4_max(peak, wasm_i32x4_shuffle(peak, peak, 2, 3, 0, 1));
    peak = wasm_i32x4_max(peak, wasm_i32x4_shuffle(peak, peak, 1, 0, 3, 2));
    return std::bit_cast<float>(wasm_i32x4_extract_lane(peak, 0));
  }

  // A square of width x width, rows of `in` to columns of `out`: pairs of lanes, then pairs of pairs.
  static void transpose(const float* in, std::int64_t in_stride, float* out, std::int64_t out_stride) {
    Vector a[4], b[4];
    for (int i = 0; i < 4; ++i) a[i] = load(in + i * in_stride);
    for (int i = 0; i < 4; i += 2) {  // b[i] holds columns 0 and 1 of rows i and i + 1, b[i + 1] columns 2 and 3
      b[i] = wasm_i32x4_shuffle(a[i], a[i + 1], 0, 4, 1, 5);
      b[i + 1] = wasm_i32x4_shuffle(a[i], a[i + 1], 2, 6, 3, 7);
    }
    for (int c = 0; c < 2; ++c) {
      store(out + 2 * c * out_stride, wasm_i64x2_shuffle(b[c], b[c + 2], 0, 2));
      store(out + (2 * c + 1) * out_stride, wasm_i64x2_shuffle(b[c], b[c + 2], 1, 3));
    }
  }

 private:
  static Vector above_smallest(Vector t) { return max(set(-126.0F), t); }  // NaN stays NaN
};

}  // namespace
}  // namespace trm
