#pragma once
// Dot products of four unsigned with four signed bytes: AVX-VNNI, 256 bits.

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace trm {
namespace {

struct DotAvxVnni {
  static constexpr std::int64_t width = 8;
  static constexpr int tile_rows = 6;
  static constexpr bool sums_in_int16 = false;
  using Integers = __m256i;

  static Integers load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static void store(std::int32_t* p, Integers v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static Integers broadcast(const std::uint8_t* p) {
    std::int32_t four = 0;
    std::memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
  }
  // Inline assembly for the reason given in dot_avx512_vnni.hpp.
  static Integers dot(Integers sum, Integers q, Integers w) {
    asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(q), "x"(w));
    return sum;
  }
  static __m256 to_float(Integers v) { return _mm256_cvtepi32_ps(v); }
};

}  // namespace
}  // namespace trm
