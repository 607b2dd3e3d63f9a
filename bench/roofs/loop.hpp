#pragma once
// The loop that all roofs share.

#include <cstdint>

#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

// `Sums` independent chains, each advanced by step(sum, chain) once a turn. The empty statements make the compiler
// believe that it does not know the vectors: nothing is hoisted out of the loop, shared between chains, or left out.
// Every index is a constant: a loop over the array would keep it in memory, and a store a sum is most of the time.
template <int Sums, class Vector, class Step>
[[gnu::always_inline]] inline void run_chains(std::int64_t turns, Vector zero, Step&& step) {
  Vector sum[Sums];
  unrolled<Sums>([&](auto c) { sum[c] = zero; });
  for (std::int64_t i = 0; i < turns; ++i) {
    unrolled<Sums>([&](auto c) __attribute__((always_inline)) { step(sum[c]); });
  }
  unrolled<Sums>([&](auto c) {
    const Vector& result = sum[c];  // clang 14 captures nothing that only an asm statement names
    asm volatile("" : : "x"(result));
  });
}

}  // namespace
}  // namespace trm
