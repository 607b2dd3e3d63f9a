#pragma once
// float32 vectors of AVX-512 (F, BW, DQ, VL). Included only by files compiled for it.

#include <immintrin.h>

#include <cstdint>

namespace trm {
namespace {

struct Avx512 {
  static constexpr std::int64_t width = 16;
  static constexpr int tile_rows = 14;  // 14 x 2 accumulators and 2 weight vectors in 32 registers
  using Vector = __m512;

  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector set(float x) { return _mm512_set1_ps(x); }
  static Vector load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
  // The first n < width lanes; the others read as zero and are not written.
  static Vector load(const float* p, std::int64_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
  static void store(float* p, Vector v, std::int64_t n) { _mm512_mask_storeu_ps(p, first(n), v); }

  static Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
  static Vector min(Vector a, Vector b) { return _mm512_min_ps(a, b); }
  static Vector max(Vector a, Vector b) { return _mm512_max_ps(a, b); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }    // a b + c
  static Vector fnma(Vector a, Vector b, Vector c) { return _mm512_fnmadd_ps(a, b, c); }  // c - a b
  static Vector round(Vector a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static Vector ldexp(Vector a, Vector n) { return _mm512_scalef_ps(a, n); }  // a 2^n, n integral
  // 1 / a to float32's precision: an estimate of 14 bits and one Newton step.
  static Vector reciprocal(Vector a) {
    const Vector r = _mm512_rcp14_ps(a);
    return _mm512_mul_ps(r, _mm512_fnmadd_ps(a, r, _mm512_set1_ps(2.0F)));
  }
  // Lanes combined in a fixed order: halves, then halves of halves.
  static float sum(Vector v) { return _mm512_reduce_add_ps(v); }
  static float largest(Vector v) { return _mm512_reduce_max_ps(v); }

 private:
  static __mmask16 first(std::int64_t n) { return static_cast<__mmask16>((1U << static_cast<unsigned>(n)) - 1U); }
};

}  // namespace
}  // namespace trm
