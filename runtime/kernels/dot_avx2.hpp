#pragma once
// Dot products of four unsigned with four signed bytes: AVX2 without VNNI.
//
// maddubs multiplies and adds pairs of products in saturating 16 bits. Where the weights allow it, two of its results
// are added in 16 bits before madd widens them: five instructions instead of six (order_pairs in packed_matrix.cpp).

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace trm {
namespace {

struct DotAvx2 {
  static constexpr std::int64_t width = 8;
  static constexpr int tile_rows = 4;
  static constexpr bool sums_in_int16 = true;
  using Integers = __m256i;

  static Integers load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static void store(std::int32_t* p, Integers v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static Integers broadcast(const std::uint8_t* p) {
    std::int32_t four = 0;
    std::memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
  }
  static Integers dot(Integers sum, Integers q, Integers w) { return widen(sum, _mm256_maddubs_epi16(q, w)); }
  static Integers dot(Integers sum, Integers q0, Integers w0, Integers q1, Integers w1) {
    return widen(sum, _mm256_add_epi16(_mm256_maddubs_epi16(q0, w0), _mm256_maddubs_epi16(q1, w1)));
  }
  static __m256 to_float(Integers v) { return _mm256_cvtepi32_ps(v); }

 private:
  static Integers widen(Integers sum, Integers pairs) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
};

}  // namespace
}  // namespace trm
