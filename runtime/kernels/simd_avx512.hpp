#pragma once
// float32 vectors of AVX-512 (F, BW, DQ, VL). Included only by files compiled for it.

#include <immintrin.h>

#include <bit>
#include <cstdint>

namespace trm {
namespace {

struct Avx512 {
  static constexpr std::int64_t width = 16;
  static constexpr int tile_rows = 14;  // 14 x 2 accumulators and 2 weight vectors in 32 registers
  using Vector = __m512;
  using Integers = __m512i;

  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector set(float x) { return _mm512_set1_ps(x); }
  static Vector load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
  // The first n < width lanes; the others read as zero and are not written.
  static Vector load(const float* p, std::int64_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
  static void store(float* p, Vector v, std::int64_t n) { _mm512_mask_storeu_ps(p, first(n), v); }

  // The nearest integers, ties to even.
  static Integers nearest(Vector v) { return _mm512_cvtps_epi32(v); }
  static Integers add_integers(Integers a, Integers b) { return _mm512_add_epi32(a, b); }
  static Vector to_float(Integers v) { return _mm512_cvtepi32_ps(v); }
  // Four vectors of integers in [-128, 127] as bytes, each with `offset` added.
  static void store_bytes(std::uint8_t* p, const Integers (&v)[4], char offset) {
    const __m512i bytes = _mm512_packs_epi16(_mm512_packs_epi32(v[0], v[1]), _mm512_packs_epi32(v[2], v[3]));
    _mm512_storeu_si512(p, _mm512_add_epi8(in_order(bytes), _mm512_set1_epi8(offset)));
  }
  // The upper and the lower seven bits of four vectors of integers in [0, 16383], as bytes.
  static void store_sevens(std::uint8_t* upper, std::uint8_t* lower, const Integers (&v)[4]) {
    const __m512i a = _mm512_packs_epi32(v[0], v[1]), b = _mm512_packs_epi32(v[2], v[3]);
    const __m512i seven_bits = _mm512_set1_epi16(127);
    _mm512_storeu_si512(upper, in_order(_mm512_packs_epi16(_mm512_srli_epi16(a, 7), _mm512_srli_epi16(b, 7))));
    _mm512_storeu_si512(lower,
                        in_order(_mm512_packs_epi16(_mm512_and_si512(a, seven_bits), _mm512_and_si512(b, seven_bits))));
  }

  static Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
  static Vector min(Vector a, Vector b) { return _mm512_min_ps(a, b); }
  static Vector max(Vector a, Vector b) { return _mm512_max_ps(a, b); }
  static Vector abs(Vector a) { return _mm512_abs_ps(a); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }    // a b + c
  static Vector fnma(Vector a, Vector b, Vector c) { return _mm512_fnmadd_ps(a, b, c); }  // c - a b
  // a 2^n for n + 1.5 2^23, whose low bits are those of n, added to the exponent's.
  static Vector ldexp(Vector a, Vector shifted) {
    const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(shifted), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), exponent));
  }
  // t - floor(t), and a 2^floor(t) or 0 where t < -126; t <= 127.
  static Vector fraction(Vector t) { return _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF); }
  static Vector times_power(Vector a, Vector t) { return _mm512_scalef_ps(a, t); }
  // 1 / a to float32's precision: an estimate of 14 bits and one Newton step.
  static Vector reciprocal(Vector a) {
    const Vector r = _mm512_rcp14_ps(a);
    return _mm512_mul_ps(r, _mm512_fnmadd_ps(a, r, _mm512_set1_ps(2.0F)));
  }
  // Combines lanes in a fixed order: the upper ones with the lower ones, until one is left.
  static float sum(Vector v) { return _mm512_reduce_add_ps(v); }
  static float largest(Vector v) { return _mm512_reduce_max_ps(v); }
  // Magnitudes compared as the integers of their bits, where infinity is above every number and NaN above infinity.
  static Vector larger_magnitude(Vector peak, Vector v) {
    return _mm512_castsi512_ps(_mm512_max_epi32(_mm512_castps_si512(peak), _mm512_castps_si512(abs(v))));
  }
  static float largest_magnitude(Vector peak) {
    return std::bit_cast<float>(_mm512_reduce_max_epi32(_mm512_castps_si512(peak)));
  }

  // A square of width x width, rows of `in` to columns of `out`: quarters of four lanes, then the quarters themselves.
  static void transpose(const float* in, std::int64_t in_stride, float* out, std::int64_t out_stride) {
    Vector a[16], b[16];
    for (int i = 0; i < 16; ++i) a[i] = load(in + i * in_stride);
    for (int i = 0; i < 16; i += 2) {
      b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
      b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
    }
    const auto pairs = [](Vector x, Vector y, bool high) {
      const auto dx = _mm512_castps_pd(x), dy = _mm512_castps_pd(y);
      return _mm512_castpd_ps(high ? _mm512_unpackhi_pd(dx, dy) : _mm512_unpacklo_pd(dx, dy));
    };
    for (int i = 0; i < 16; i += 4) {  // a[i + c] holds columns c, c + 4, c + 8, c + 12 of rows i .. i + 3
      a[i] = pairs(b[i], b[i + 2], false);
      a[i + 1] = pairs(b[i], b[i + 2], true);
      a[i + 2] = pairs(b[i + 1], b[i + 3], false);
      a[i + 3] = pairs(b[i + 1], b[i + 3], true);
    }
    for (int c = 0; c < 4; ++c) {
      const Vector even_low = _mm512_shuffle_f32x4(a[c], a[c + 4], 0x88);        // columns c, c + 8 of rows 0 .. 7
      const Vector odd_low = _mm512_shuffle_f32x4(a[c], a[c + 4], 0xDD);         // columns c + 4, c + 12
      const Vector even_high = _mm512_shuffle_f32x4(a[c + 8], a[c + 12], 0x88);  // the same of rows 8 .. 15
      const Vector odd_high = _mm512_shuffle_f32x4(a[c + 8], a[c + 12], 0xDD);
      store(out + c * out_stride, _mm512_shuffle_f32x4(even_low, even_high, 0x88));
      store(out + (c + 4) * out_stride, _mm512_shuffle_f32x4(odd_low, odd_high, 0x88));
      store(out + (c + 8) * out_stride, _mm512_shuffle_f32x4(even_low, even_high, 0xDD));
      store(out + (c + 12) * out_stride, _mm512_shuffle_f32x4(odd_low, odd_high, 0xDD));
    }
  }

 private:
  // Packing works within quarters: each holds four bytes of every vector.
  static __m512i in_order(__m512i packed) {
    return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), packed);
  }
  static __mmask16 first(std::int64_t n) { return static_cast<__mmask16>((1U << static_cast<unsigned>(n)) - 1U); }
};

}  // namespace
}  // namespace trm
