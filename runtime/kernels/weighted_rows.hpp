#pragma once
// Weighted sums of rows, over the vectors of simd_*.hpp: depthwise convolutions at one token, residual scales, damping.
// Contracts: kernel_set.hpp.

#include <cstddef>
#include <cstdint>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/row_kernels.hpp"

namespace trm {
namespace {

// The sum at one vector of channels.
template <class S, class... Count>
[[gnu::always_inline]] inline typename S::Vector weighted_vector(const WeightedRows& in, std::int64_t i,
                                                                 Count... count) {
  auto sum = in.bias == nullptr ? S::zero() : load_from<S>(in.bias, i, count...);
  for (std::size_t j = 0; j < in.rows.size(); ++j) {
    sum = S::fma(load_from<S>(in.weights[j], i, count...), load_from<S>(in.rows[j], i, count...), sum);
  }
  return sum;
}

template <class S>
void weighted_sum(const WeightedRows& in, float* out, std::int64_t n) {
  along<S>(n, [&](auto... place) { store_to<S>(out, weighted_vector<S>(in, place...), place...); });
}

template <class S>
float relative_change(const float* from, const float* to, std::int64_t n, float eps) {
  auto change = S::zero(), size = S::zero();
  along<S>(n, [&](auto... place) {
    const auto a = load_from<S>(from, place...), b = load_from<S>(to, place...);
    change = S::larger_magnitude(change, S::sub(a, b));
    size = S::larger_magnitude(size, b);
  });
  return S::largest_magnitude(change) / (S::largest_magnitude(size) + eps);
}

template <class S>
void weighted_swiglu(const WeightedRows& in, float* out, std::int64_t n) {
  along<S>(n, [&](auto first, auto... count) {
    const auto gate = weighted_vector<S>(in, first, count...);
    const auto up = weighted_vector<S>(in, n + first, count...);
    store_to<S>(out, S::mul(silu<S>(gate), up), first, count...);
  });
}

}  // namespace
}  // namespace trm
