#pragma once
// Dot products of four unsigned with four signed bytes: AVX-512 BW without VNNI. Like
// dot_avx2.hpp, with vectors of twice the width.

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace trm {
namespace {

struct DotAvx512 {
  static constexpr std::int64_t width = 16;
  static constexpr int tile_rows = 8;
  static constexpr bool sums_in_int16 = true;
  using Integers = __m512i;

  static Integers load(const void* p) { return _mm512_loadu_si512(p); }
  static void store(std::int32_t* p, Integers v) { _mm512_storeu_si512(p, v); }
  static Integers broadcast(const std::uint8_t* p) {
    std::int32_t four = 0;
    std::memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
  }
  static Integers dot(Integers sum, Integers q, Integers w) { return widen(sum, _mm512_maddubs_epi16(q, w)); }
  static Integers dot(Integers sum, Integers q0, Integers w0, Integers q1, Integers w1) {
    return widen(sum, _mm512_add_epi16(_mm512_maddubs_epi16(q0, w0), _mm512_maddubs_epi16(q1, w1)));
  }
  static __m512 to_float(Integers v) { return _mm512_cvtepi32_ps(v); }

 private:
  static Integers widen(Integers sum, Integers pairs) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
  }
};

}  // namespace
}  // namespace trm
