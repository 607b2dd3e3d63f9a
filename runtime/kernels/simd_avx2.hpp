#pragma once
// float32 vectors of AVX2 with FMA. Included only by files compiled for it.

#include <immintrin.h>

#include <bit>
#include <cstdint>

namespace trm {
namespace {

struct Avx2 {
  static constexpr std::int64_t width = 8;
  static constexpr int tile_rows = 6;  // 6 x 2 accumulators, 2 weight vectors and a broadcast in 16 registers
  using Vector = __m256;
  using Integers = __m256i;

  static Vector zero() { return _mm256_setzero_ps(); }
  static Vector set(float x) { return _mm256_set1_ps(x); }
  static Vector load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Vector v) { _mm256_storeu_ps(p, v); }
  // The first n < width lanes; the others read as zero and are not written.
  static Vector load(const float* p, std::int64_t n) { return _mm256_maskload_ps(p, first(n)); }
  static void store(float* p, Vector v, std::int64_t n) { _mm256_maskstore_ps(p, first(n), v); }

  // The nearest integers, ties to even.
  static Integers nearest(Vector v) { return _mm256_cvtps_epi32(v); }
  static Integers add_integers(Integers a, Integers b) { return _mm256_add_epi32(a, b); }
  static Vector to_float(Integers v) { return _mm256_cvtepi32_ps(v); }
  // Four vectors of integers in [-128, 127] as bytes, each with `offset` added.
  static void store_bytes(std::uint8_t* p, const Integers (&v)[4], char offset) {
    const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
    store_in_order(p, bytes, _mm256_set1_epi8(offset));
  }
  // The upper and the lower seven bits of four vectors of integers in [0, 16383], as bytes.
  static void store_sevens(std::uint8_t* upper, std::uint8_t* lower, const Integers (&v)[4]) {
    const __m256i a = _mm256_packs_epi32(v[0], v[1]), b = _mm256_packs_epi32(v[2], v[3]);
    const __m256i seven_bits = _mm256_set1_epi16(127), zero = _mm256_setzero_si256();
    store_in_order(upper, _mm256_packs_epi16(_mm256_srli_epi16(a, 7), _mm256_srli_epi16(b, 7)), zero);
    store_in_order(lower, _mm256_packs_epi16(_mm256_and_si256(a, seven_bits), _mm256_and_si256(b, seven_bits)), zero);
  }

  static Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
  static Vector min(Vector a, Vector b) { return _mm256_min_ps(a, b); }
  static Vector max(Vector a, Vector b) { return _mm256_max_ps(a, b); }
  static Vector abs(Vector a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }    // a b + c
  static Vector fnma(Vector a, Vector b, Vector c) { return _mm256_fnmadd_ps(a, b, c); }  // c - a b
  // a 2^n for n + 1.5 2^23, whose low bits are those of n, added to the exponent's.
  static Vector ldexp(Vector a, Vector shifted) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
  }
  // t - floor(t), and a 2^floor(t); t <= 127, and counts as -126 below that.
  static Vector fraction(Vector t) {
    t = above_smallest(t);
    return _mm256_sub_ps(t, _mm256_floor_ps(t));
  }
  static Vector times_power(Vector a, Vector t) {
    const __m256i power = _mm256_cvtps_epi32(_mm256_floor_ps(above_smallest(t)));
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), _mm256_slli_epi32(power, 23)));
  }
  // 1 / a to float32's precision. The estimate has 12 bits only: two Newton steps cost as much as the division.
  static Vector reciprocal(Vector a) { return _mm256_div_ps(_mm256_set1_ps(1.0F), a); }
  // Combines lanes in a fixed order: the upper ones with the lower ones, until one is left.
  static float sum(Vector v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
  }
  static float largest(Vector v) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
  }
  // Magnitudes compared as the integers of their bits, where infinity is above every number and NaN above infinity.
  static Vector larger_magnitude(Vector peak, Vector v) {
    return _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(peak), _mm256_castps_si256(abs(v))));
  }
  static float largest_magnitude(Vector peak) {
    const __m256i bits = _mm256_castps_si256(peak);
    __m128i s = _mm_max_epi32(_mm256_castsi256_si128(bits), _mm256_extracti128_si256(bits, 1));
    s = _mm_max_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    s = _mm_max_epi32(s, _mm_shuffle_epi32(s, 0xB1));
    return std::bit_cast<float>(_mm_cvtsi128_si32(s));
  }

  // A square of width x width, rows of `in` to columns of `out`: quarters of four lanes, then the quarters themselves.
  static void transpose(const float* in, std::int64_t in_stride, float* out, std::int64_t out_stride) {
    Vector a[8], b[8];
    for (int i = 0; i < 8; ++i) a[i] = load(in + i * in_stride);
    for (int i = 0; i < 8; i += 2) {
      b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
      b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {  // a[i + c] holds columns c and c + 4 of rows i .. i + 3
      a[i] = _mm256_shuffle_ps(b[i], b[i + 2], 0x44);
      a[i + 1] = _mm256_shuffle_ps(b[i], b[i + 2], 0xEE);
      a[i + 2] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0x44);
      a[i + 3] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0xEE);
    }
    for (int c = 0; c < 4; ++c) {
      store(out + c * out_stride, _mm256_permute2f128_ps(a[c], a[c + 4], 0x20));
      store(out + (c + 4) * out_stride, _mm256_permute2f128_ps(a[c], a[c + 4], 0x31));
    }
  }

 private:
  static Vector above_smallest(Vector t) { return _mm256_max_ps(_mm256_set1_ps(-126.0F), t); }  // NaN stays
  // Packing works within halves: each holds four bytes of every vector.
  static void store_in_order(std::uint8_t* p, __m256i packed, __m256i offset) {
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                        _mm256_add_epi8(_mm256_permutevar8x32_epi32(packed, order), offset));
  }
  static __m256i first(std::int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
};

}  // namespace
}  // namespace trm
