#pragma once
// A loop that is unrolled by the compiler's front end, so that arrays indexed in it become registers. #pragma unroll
// comes too late: GCC decides which arrays stay in memory before it unrolls.

#include <utility>

namespace trm {
namespace {

// body(std::integral_constant<int, 0>) ... body(std::integral_constant<int, N - 1>)
template <int N, class Body>
[[gnu::always_inline]] inline void unrolled(Body&& body) {
  [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    (body(std::integral_constant<int, I>{}), ...);
  }
  (std::make_integer_sequence<int, N>{});
}

}  // namespace
}  // namespace trm
