#pragma once
// The loop that all roofs share.

#include <cstdint>

#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

// Runs `Sums` independent chains of sums: each turn calls advance(sum) for each. The empty assembly statements hide the
// vectors' values from the compiler, so that it moves nothing out of the loop, shares nothing between chains and omits
// nothing. Every index is a constant: the compiler would keep an array with variable indices in memory, and most of the
// time would go into its stores.
template <int Sums, class Vector, class Advance>
[[gnu::always_inline]] inline void run_chains(std::int64_t turns, Vector zero, Advance&& advance) {
  Vector sum[Sums];
  unrolled<Sums>([&](auto c) { sum[c] = zero; });
  for (std::int64_t i = 0; i < turns; ++i) {
    unrolled<Sums>([&](auto c) __attribute__((always_inline)) { advance(sum[c]); });
  }
  unrolled<Sums>([&](auto c) {
    const Vector& result = sum[c];  // clang 14 does not capture a variable that only an asm statement uses
    asm volatile("" : : "x"(result));
  });
}

}  // namespace
}  // namespace trm
