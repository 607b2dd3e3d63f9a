#pragma once
// Walks along rows of float32 four vectors at a time: their lanes fill one vector of bytes, and four independent sums
// hide the latency of an addition.

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace trm {
namespace {

template <class S>
inline constexpr std::int64_t four_vectors = 4 * S::width;  // elements

// Calls body(i, whole) for every four vectors of [0, n), with whole = std::true_type, and once for the rest, with
// whole = std::false_type.
template <class S, class Body>
[[gnu::always_inline]] inline void along_fours(std::int64_t n, Body&& body) {
  std::int64_t i = 0;
  for (; i + four_vectors<S> <= n; i += four_vectors<S>) body(i, std::true_type{});
  if (i < n) body(i, std::false_type{});
}

// Loads the four vectors from `i` on of a row of n elements; beyond the row's end they are zero.
template <class S, bool whole>
[[gnu::always_inline]] inline void load_four(const float* row, std::int64_t i, std::int64_t n,
                                             std::bool_constant<whole> /*four*/, typename S::Vector (&v)[4]) {
  for (int j = 0; j < 4; ++j, i += S::width) {
    v[j] = whole || i + S::width <= n ? S::load(row + i) : i < n ? S::load(row + i, n - i) : S::zero();
  }
}

// Stores bytes from `i` on of a row of n, up to its end: integers in [-128, 127], each with `offset` added.
template <class S, bool whole>
[[gnu::always_inline]] inline void store_four(std::uint8_t* row, std::int64_t i, std::int64_t n,
                                              std::bool_constant<whole> /*four*/, const typename S::Integers (&v)[4],
                                              char offset) {
  if constexpr (whole) return S::store_bytes(row + i, v, offset);
  std::uint8_t bytes[four_vectors<S>];
  S::store_bytes(bytes, v, offset);
  for (std::int64_t j = 0; i + j < n; ++j) row[i + j] = bytes[j];
}

}  // namespace
}  // namespace trm
