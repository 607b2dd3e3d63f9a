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
void blend(float* old, const float* next, std::int64_t n, float stays, float moves) {
  const auto s = S::set(stays), m = S::set(moves);
  along<S>(n, [&](auto... place) {
    const auto kept = S::mul(s, load_from<S>(old, place...));
    store_to<S>(old, S::fma(m, load_from<S>(next, place...), kept), place...);
  });
}

// row <- sigmoid(row + bias) at one vector of channels.
template <class S, class... Place>
[[gnu::always_inline]] inline typename S::Vector sigmoid_in_place(float* row, const float* bias, Place... place) {
  const auto a = sigmoid<S>(S::add(load_from<S>(row, place...), load_from<S>(bias, place...)));
  store_to<S>(row, a, place...);
  return a;
}

// With d = 1 - a1, 1 - a1^n is d (1 + a1 + ... + a1^(n - 1)): without the cancellation where a1 is near 1.
template <class S>
void residual_scales(const ResidualScaleTask& task) {
  const auto one = S::set(1.0F);
  for (std::int64_t r = 0; r < task.a2.rows; ++r) {
    along<S>(task.a2.cols, [&](auto... place) {
      const auto a2 = sigmoid_in_place<S>(task.a2.row(r), task.bias2, place...);
      if (task.a1.data == nullptr) return store_to<S>(task.b2.row(r), S::sub(one, a2), place...);
      const auto a1 = sigmoid_in_place<S>(task.a1.row(r), task.bias1, place...);
      const auto d = S::sub(one, a1);
      auto powers = one;
      for (std::int64_t n = 1; n < task.branches; ++n) powers = S::fma(powers, a1, one);
      const auto lost = S::mul(d, powers);
      const auto b2 = S::fnma(a2, S::sub(one, lost), one);
      const auto share = S::mul(d, S::reciprocal(S::add(lost, S::set(1e-5F))));
      store_to<S>(task.b2.row(r), b2, place...);
      store_to<S>(task.b1.row(r), S::mul(b2, share), place...);
    });
  }
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
