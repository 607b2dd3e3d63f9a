// AVX-VNNI: four bytes' products and their sum in one instruction, 256 bits, VEX encoding.

#include <immintrin.h>

#include <array>

#include "bench/roof.hpp"
#include "bench/roofs/loop.hpp"

namespace trm {
namespace {

constexpr int sums = 12;  // two units of four or five cycles' latency
bool supported(const CpuFeatures& cpu) {
  return cpu.avx_vnni;
}

void dot_256(std::int64_t turns) {
  const __m256i q = _mm256_set1_epi8(1);
  run_chains<sums>(
      turns, _mm256_setzero_si256(), [&](__m256i & sum) __attribute__((always_inline)) {
        asm("%{vex%} vpdpbusd %1, %1, %0" : "+x"(sum) : "x"(q));
      });
}

}  // namespace

extern const std::array<Roof, 1> avx_vnni_roofs;
const std::array<Roof, 1> avx_vnni_roofs = {
    Roof{"vpdpbusd vex 256", "int8", std::int64_t{sums} * 32, supported, dot_256},
};

}  // namespace trm
