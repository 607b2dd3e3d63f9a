#include "io/sha256_blocks.hpp"

#include <bit>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace trm::sha256 {
namespace {

constexpr std::size_t block_bytes = 64;

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
alignas(16) constexpr std::array<std::uint32_t, 64> round_constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// A round of section 6.2.2, without moving the words: d becomes the next e, h the next a.
void add_round(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t& d, std::uint32_t e, std::uint32_t f,
               std::uint32_t g, std::uint32_t& h, std::uint32_t word_and_constant) {
  h += (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + word_and_constant;
  d += h;
  h += (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
}

#if defined(__x86_64__)

// The instructions keep the state as the words ABEF and CDGH (highest first), and do two rounds each.
__attribute__((target("sha,sse4.1"))) void add_blocks_x86(std::array<std::uint32_t, 8>& state,
                                                          std::span<const std::byte> blocks) {
  const __m128i swap_bytes = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  auto* words = reinterpret_cast<__m128i*>(state.data());
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1B);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
  for (; blocks.size() >= block_bytes; blocks = blocks.subspan(block_bytes)) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    const auto* in = reinterpret_cast<const __m128i*>(blocks.data());
    __m128i schedule[4];  // the last 16 words of the message schedule
    for (int i = 0; i < 16; ++i) {
      __m128i& four = schedule[i % 4];
      if (i < 4) {
        four = _mm_shuffle_epi8(_mm_loadu_si128(in + i), swap_bytes);
      } else {
        const __m128i last = schedule[(i + 3) % 4];
        const __m128i seven_back = _mm_alignr_epi8(last, schedule[(i + 2) % 4], 4);
        four = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(four, schedule[(i + 1) % 4]), seven_back), last);
      }
      const auto* constants = reinterpret_cast<const __m128i*>(round_constants.data());
      const __m128i sum = _mm_add_epi32(four, _mm_load_si128(constants + i));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

#endif

}  // namespace

void add_blocks_portable(std::array<std::uint32_t, 8>& state, std::span<const std::byte> blocks) {
  for (; blocks.size() >= block_bytes; blocks = blocks.subspan(block_bytes)) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 64; ++i) w[i / 4] = w[i / 4] << 8 | std::to_integer<std::uint32_t>(blocks[i]);
    for (std::size_t i = 16; i < 64; ++i) {
      const std::uint32_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
             (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; i += 8) {  // eight rounds bring each word back to its name
      add_round(a, b, c, d, e, f, g, h, w[i] + round_constants[i]);
      add_round(h, a, b, c, d, e, f, g, w[i + 1] + round_constants[i + 1]);
      add_round(g, h, a, b, c, d, e, f, w[i + 2] + round_constants[i + 2]);
      add_round(f, g, h, a, b, c, d, e, w[i + 3] + round_constants[i + 3]);
      add_round(e, f, g, h, a, b, c, d, w[i + 4] + round_constants[i + 4]);
      add_round(d, e, f, g, h, a, b, c, w[i + 5] + round_constants[i + 5]);
      add_round(c, d, e, f, g, h, a, b, w[i + 6] + round_constants[i + 6]);
      add_round(b, c, d, e, f, g, h, a, w[i + 7] + round_constants[i + 7]);
    }
    const std::array<std::uint32_t, 8> worked = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += worked[i];
  }
}

AddBlocks processors_own() {
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  const bool sse41 = __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx >> 19 & 1U) != 0;
  const bool sha = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx >> 29 & 1U) != 0;
  if (sse41 && sha) return add_blocks_x86;
#endif
  return nullptr;
}

}  // namespace trm::sha256
