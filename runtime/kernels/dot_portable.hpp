#pragma once
// Dot products of four unsigned with four signed bytes in plain C++.

#include <cstdint>
#include <cstring>

#include "runtime/kernels/simd_portable.hpp"

namespace trm {
namespace {

struct DotPortable {
  static constexpr std::int64_t width = Portable::width;
  static constexpr int tile_rows = Portable::tile_rows;
  static constexpr bool sums_in_int16 = false;
  using Integers = Portable::Integers;

  static Integers load(const void* p) {
    Integers v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static void store(std::int32_t* p, Integers v) { std::memcpy(p, &v, sizeof v); }
  static Integers broadcast(const std::uint8_t* p) {
    std::int32_t four = 0;
    std::memcpy(&four, p, sizeof four);
    return Integers{four, four, four, four};
  }
  // Products of even and of odd bytes in 16 bits, where two of them fit (2 * 127 * 127, 2 * 255 * 64), then pairs
  // in 32.
  static Integers dot(Integers sum, Integers q, Integers w) {
    const Words qw = as_words(q), ww = as_words(w);
    const Words pairs = (qw & 0xFF) * ((ww << 8) >> 8) + ((qw >> 8) & 0xFF) * (ww >> 8);
    Integers both;
    std::memcpy(&both, &pairs, sizeof both);
    return sum + ((both << 16) >> 16) + (both >> 16);
  }
  static Portable::Vector to_float(Integers v) { return __builtin_convertvector(v, Portable::Vector); }

 private:
  using Words = std::int16_t __attribute__((vector_size(16)));
  static Words as_words(Integers v) {
    Words w;
    std::memcpy(&w, &v, sizeof w);
    return w;
  }
};

}  // namespace
}  // namespace trm
