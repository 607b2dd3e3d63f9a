// AVX-512: fused multiply-add, and bytes through maddubs with and without a sum in 16 bits.

#include <immintrin.h>

#include <array>

#include "bench/roof.hpp"
#include "bench/roofs/loop.hpp"

namespace trm {
namespace {

constexpr int sums = 12;  // two units of four or five cycles' latency
bool supported(const CpuFeatures& cpu) {
  return cpu.avx512;
}

void fma_loop(std::int64_t turns) {
  __m512 a = _mm512_set1_ps(0.5F);
  run_chains<sums>(
      turns, _mm512_setzero_ps(), [&](__m512 & sum) __attribute__((always_inline)) {
        asm("vfmadd231ps %1, %1, %0" : "+v"(sum) : "v"(a));
      });
}

__m512i pairs(__m512i& q) {
  asm("" : "+v"(q));
  return _mm512_maddubs_epi16(q, q);
}

void widen_each(std::int64_t turns) {
  __m512i q = _mm512_set1_epi8(1), ones = _mm512_set1_epi16(1);
  run_chains<sums>(
      turns, _mm512_setzero_si512(), [&](__m512i & sum) __attribute__((always_inline)) {
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(pairs(q), ones));
        asm("" : "+v"(sum));
      });
}

void widen_two(std::int64_t turns) {
  __m512i q = _mm512_set1_epi8(1), ones = _mm512_set1_epi16(1);
  run_chains<sums>(
      turns, _mm512_setzero_si512(), [&](__m512i & sum) __attribute__((always_inline)) {
        const __m512i four = _mm512_add_epi16(pairs(q), pairs(q));
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(four, ones));
        asm("" : "+v"(sum));
      });
}

}  // namespace

extern const std::array<Roof, 3> avx512_roofs;
const std::array<Roof, 3> avx512_roofs = {
    Roof{"fma 512", "f32", std::int64_t{sums} * 16, supported, fma_loop},
    Roof{"maddubs + madd + add 512", "int8", std::int64_t{sums} * 64, supported, widen_each},
    Roof{"2 maddubs + add + madd + add 512", "int8", std::int64_t{sums} * 128, supported, widen_two},
};

}  // namespace trm
