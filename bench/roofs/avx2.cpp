// AVX2: fused multiply-add, and bytes through maddubs with and without a sum in 16 bits.

#include <immintrin.h>

#include <array>

#include "bench/roof.hpp"
#include "bench/roofs/loop.hpp"

namespace trm {
namespace {

constexpr int sums = 12;  // two units of four or five cycles' latency
bool supported(const CpuFeatures& cpu) {
  return cpu.avx2;
}

void fma_loop(std::int64_t turns) {
  __m256 a = _mm256_set1_ps(0.5F);
  run_chains<sums>(
      turns, _mm256_setzero_ps(), [&](__m256 & sum) __attribute__((always_inline)) {
        asm("vfmadd231ps %1, %1, %0" : "+x"(sum) : "x"(a));
      });
}

__m256i pairs(__m256i& q) {
  asm("" : "+x"(q));
  return _mm256_maddubs_epi16(q, q);
}

void widen_each(std::int64_t turns) {
  __m256i q = _mm256_set1_epi8(1), ones = _mm256_set1_epi16(1);
  run_chains<sums>(
      turns, _mm256_setzero_si256(), [&](__m256i & sum) __attribute__((always_inline)) {
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs(q), ones));
        asm("" : "+x"(sum));
      });
}

void widen_two(std::int64_t turns) {
  __m256i q = _mm256_set1_epi8(1), ones = _mm256_set1_epi16(1);
  run_chains<sums>(
      turns, _mm256_setzero_si256(), [&](__m256i & sum) __attribute__((always_inline)) {
        const __m256i four = _mm256_add_epi16(pairs(q), pairs(q));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(four, ones));
        asm("" : "+x"(sum));
      });
}

}  // namespace

extern const std::array<Roof, 3> avx2_roofs;
const std::array<Roof, 3> avx2_roofs = {
    Roof{"fma 256", "f32", std::int64_t{sums} * 8, supported, fma_loop},
    Roof{"maddubs + madd + add 256", "int8", std::int64_t{sums} * 32, supported, widen_each},
    Roof{"2 maddubs + add + madd + add 256", "int8", std::int64_t{sums} * 64, supported, widen_two},
};

}  // namespace trm
