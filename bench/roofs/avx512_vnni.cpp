// AVX-512 VNNI: four bytes' products and their sum in one instruction, 512 and 256 bits wide.

#include <immintrin.h>

#include <array>

#include "bench/roof.hpp"
#include "bench/roofs/loop.hpp"

namespace trm {
namespace {

constexpr int sums = 12;  // two units of four or five cycles' latency
bool supported(const CpuFeatures& cpu) {
  return cpu.avx512_vnni;
}

void dot_512(std::int64_t turns) {
  const __m512i q = _mm512_set1_epi8(1);
  run_chains<sums>(
      turns, _mm512_setzero_si512(), [&](__m512i & sum) __attribute__((always_inline)) {
        asm("vpdpbusd %1, %1, %0" : "+v"(sum) : "v"(q));
      });
}

void dot_256(std::int64_t turns) {
  const __m256i q = _mm256_set1_epi8(1);
  run_chains<sums>(
      turns, _mm256_setzero_si256(), [&](__m256i & sum) __attribute__((always_inline)) {
        asm("%{evex%} vpdpbusd %1, %1, %0" : "+v"(sum) : "v"(q));
      });
}

}  // namespace

extern const std::array<Roof, 2> avx512_vnni_roofs;
const std::array<Roof, 2> avx512_vnni_roofs = {
    Roof{"vpdpbusd 512", "int8", std::int64_t{sums} * 64, supported, dot_512},
    Roof{"vpdpbusd evex 256", "int8", std::int64_t{sums} * 32, supported, dot_256},
};

}  // namespace trm
