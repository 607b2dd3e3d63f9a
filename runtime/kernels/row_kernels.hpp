#pragma once
// Kernels that walk along rows, over the vectors of simd_*.hpp. Contracts: kernel_set.hpp.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/four_vectors.hpp"
#include "runtime/tensor.hpp"

namespace trm {
namespace {

// Calls whole(i) for every whole vector of [0, n), then rest(i, count) for the remaining elements, if any. Always
// inline: tuned for Intel's cores, GCC would call it for each row, with the vectors in memory.
template <class S, class Whole, class Rest>
[[gnu::always_inline]] inline void along(std::int64_t n, Whole&& whole, Rest&& rest) {
  std::int64_t i = 0;
  for (; i + S::width <= n; i += S::width) whole(i);
  if (i < n) rest(i, n - i);
}

// The same with one function for both: body(i) or body(i, count), which passes its arguments on to load_from and
// store_to.
template <class S, class Body>
[[gnu::always_inline]] inline void along(std::int64_t n, Body&& body) {
  along<S>(
      n, [&](auto i) { body(i); }, [&](auto i, auto count) { body(i, count); });
}
template <class S, class... Count>
[[gnu::always_inline]] inline typename S::Vector load_from(const float* p, std::int64_t i, Count... count) {
  return S::load(p + i, count...);
}
template <class S, class... Count>
[[gnu::always_inline]] inline void store_to(float* p, typename S::Vector v, std::int64_t i, Count... count) {
  S::store(p + i, v, count...);
}

template <class S>
void add(MatrixView<float> h, std::span<const MatrixView<const float>> injections) {
  for (std::int64_t r = 0; r < h.rows; ++r) {
    along<S>(h.cols, [&](auto... place) {
      auto v = load_from<S>(h.row(r), place...);
      for (const auto& injection : injections) v = S::add(v, load_from<S>(injection.row(r), place...));
      store_to<S>(h.row(r), v, place...);
    });
  }
}

template <class S>
void scale_row(float* row, std::int64_t n, float factor) {
  const auto f = S::set(factor);
  along<S>(n, [&](auto... place) { store_to<S>(row, S::mul(load_from<S>(row, place...), f), place...); });
}

template <class S>
void scale_rows(MatrixView<float> h, const float* factor) {
  for (std::int64_t r = 0; r < h.rows; ++r) scale_row<S>(h.row(r), h.cols, factor[r]);
}

template <class S>
void rms_norm(MatrixView<float> h, float eps) {
  for (std::int64_t r = 0; r < h.rows; ++r) {
    float* row = h.row(r);
    auto squares = S::zero();
    along<S>(h.cols, [&](auto... place) {
      const auto v = load_from<S>(row, place...);
      squares = S::fma(v, v, squares);
    });
    const float mean = S::sum(squares) / static_cast<float>(h.cols);
    scale_row<S>(row, h.cols, 1.0F / std::sqrt(mean + eps));
  }
}

// The largest of a row; a NaN may be ignored.
template <class S>
float largest_of(const float* row, std::int64_t n) {
  if (n < S::width) return *std::max_element(row, row + n);
  typename S::Vector top[4];
  for (auto& t : top) t = S::load(row + n - S::width);  // the row's last vector, which the loops may not reach
  std::int64_t i = 0;
  for (; i + four_vectors<S> <= n; i += four_vectors<S>) {
    for (int j = 0; j < 4; ++j) top[j] = S::max(S::load(row + i + j * S::width), top[j]);
  }
  for (; i + S::width <= n; i += S::width) top[0] = S::max(S::load(row + i), top[0]);
  return S::largest(S::max(S::max(top[0], top[1]), S::max(top[2], top[3])));
}

template <class S>
void softmax(MatrixView<float> scores, float scale, float* inverse_sum) {
  const auto factor = S::set(scale);
  for (std::int64_t r = 0; r < scores.rows; ++r) {
    float* row = scores.row(r);
    const auto shift = S::set(largest_of<S>(row, scores.cols));
    auto total = S::zero();
    along<S>(
        scores.cols,
        [&](auto i) {
          const auto e = exp<S>(S::mul(S::sub(S::load(row + i), shift), factor));
          total = S::add(total, e);
          S::store(row + i, e);
        },
        [&](auto i, auto n) {
          S::store(row + i, exp<S>(S::mul(S::sub(S::load(row + i, n), shift), factor)), n);
          total = S::add(total, S::load(row + i, n));
        });
    inverse_sum[r] = 1.0F / S::sum(total);
  }
}

// The first elements a and the last elements b of a head are rotated in pairs: a' = a cos - b sin, b' = b cos + a sin.
template <class S>
void rotate(MatrixView<float> x, MatrixView<const float> cos, MatrixView<const float> sin) {
  const std::int64_t pairs = x.cols / 2;
  for (std::int64_t r = 0; r < x.rows; ++r) {
    float* a = x.row(r);
    float* b = a + pairs;
    const float* c = cos.row(r);
    const float* s = sin.row(r);
    along<S>(pairs, [&](auto... place) {
      const auto va = load_from<S>(a, place...), vb = load_from<S>(b, place...);
      const auto vc = load_from<S>(c, place...), vs = load_from<S>(s, place...);
      store_to<S>(a, S::fnma(vb, vs, S::mul(va, vc)), place...);
      store_to<S>(b, S::fma(va, vs, S::mul(vb, vc)), place...);
    });
  }
}

// Transposes squares of a vector's width. At the ends, squares overlap those before and write the same values again.
template <class S>
void transpose(MatrixView<const float> in, MatrixView<float> out) {
  constexpr std::int64_t width = S::width;
  if (in.rows < width || in.cols < width) {
    for (std::int64_t r = 0; r < in.rows; ++r)
      for (std::int64_t c = 0; c < in.cols; ++c) out.row(c)[r] = in.row(r)[c];
    return;
  }
  for (std::int64_t left = 0; left < in.cols; left += width) {
    const std::int64_t c = std::min(left, in.cols - width);
    for (std::int64_t top = 0; top < in.rows; top += width) {
      const std::int64_t r = std::min(top, in.rows - width);
      S::transpose(in.row(r) + c, in.stride, out.row(c) + r, out.stride);
    }
  }
}

}  // namespace
}  // namespace trm
