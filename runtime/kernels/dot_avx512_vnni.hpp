#pragma once
// Dot products of four unsigned with four signed bytes: AVX-512 VNNI.

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace trm {
namespace {

struct DotAvx512Vnni {
  static constexpr std::int64_t width = 16;
  static constexpr int tile_rows = 14;
  static constexpr bool sums_in_int16 = false;
  using Integers = __m512i;

  static Integers load(const void* p) { return _mm512_loadu_si512(p); }
  static void store(std::int32_t* p, Integers v) { _mm512_storeu_si512(p, v); }
  static Integers broadcast(const std::uint8_t* p) {
    std::int32_t four = 0;
    std::memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
  }
  // Inline assembly, because GCC 12 copies and spills many of the sums if it is given the intrinsic.
  static Integers dot(Integers sum, Integers q, Integers w) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(q), "v"(w));
    return sum;
  }
  static __m512 to_float(Integers v) { return _mm512_cvtepi32_ps(v); }
};

}  // namespace
}  // namespace trm
