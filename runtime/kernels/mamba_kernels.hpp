#pragma once
// Kernels of Mamba-2, over the vectors of simd_*.hpp. Contracts: kernel_set.hpp.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

template <class S>
void convolve(MatrixView<const float> in, MatrixView<const float> weight, const float* bias, MatrixView<float> out) {
  const std::int64_t before = in.rows - out.rows;  // rows of history
  for (std::int64_t r = 0; r < out.rows; ++r) {
    const std::int64_t newest = before + r;
    const std::int64_t first = std::max<std::int64_t>(weight.rows - 1 - newest, 0);  // tap with a row to read
    const auto at = [&](auto... place) {  // place: (offset) or (offset, count)
      const auto load = [](const float* p, auto i, auto... n) { return S::load(p + i, n...); };
      auto sum = load(bias, place...);
      for (std::int64_t k = first; k < weight.rows; ++k) {
        sum = S::fma(load(weight.row(k), place...), load(in.row(newest - weight.rows + 1 + k), place...), sum);
      }
      return silu<S>(sum);
    };
    along<S>(
        out.cols, [&](auto i) { S::store(out.row(r) + i, at(i)); },
        [&](auto i, auto n) { S::store(out.row(r) + i, at(i, n), n); });
  }
}

// Rows [row, row + Rows) of the state through tokens [begin, end).
template <class S, int Rows>
void scan_rows(const ScanTask& task, std::int64_t row, std::int64_t begin, std::int64_t end) {
  const std::int64_t n = task.b.cols;
  float* state = task.state + row * n;
  for (std::int64_t t = begin; t < end; ++t) {
    const float* x = task.x.row(t) + row;
    const auto decay = S::set(*task.decay.row(t));
    typename S::Vector update[Rows], sum[Rows];
    unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
      update[r] = S::set(*task.step.row(t) * x[r]);
      sum[r] = S::zero();
    });
    const auto advance = [&](auto... place) __attribute__((always_inline)) {  // place: (offset) or (offset, count)
      const auto load = [](const float* p, auto i, auto... count) { return S::load(p + i, count...); };
      const auto store = [](float* p, auto v, auto i, auto... count) { S::store(p + i, v, count...); };
      const auto b = load(task.b.row(t), place...), c = load(task.c.row(t), place...);
      unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
        const auto s = S::fma(update[r], b, S::mul(decay, load(state + r * n, place...)));
        sum[r] = S::fma(s, c, sum[r]);
        store(state + r * n, s, place...);
      });
    };
    along<S>(
        n, [&](auto i) { advance(i); }, [&](auto i, auto count) { advance(i, count); });
    float* y = task.y.row(t) + row;
    for (int r = 0; r < Rows; ++r) y[r] = S::sum(sum[r]) + task.skip * x[r];
  }
}

// A few rows of the state at a time stay in the first cache while b and c of a block of tokens pass by.
template <class S>
void scan(const ScanTask& task) {
  constexpr int rows_together = 4;
  constexpr std::int64_t tokens_together = 32;
  const std::int64_t tokens = task.x.rows, rows = task.x.cols;
  std::fill_n(task.state, rows * task.b.cols, 0.0F);
  for (std::int64_t begin = 0; begin < tokens; begin += tokens_together) {
    const std::int64_t end = std::min(begin + tokens_together, tokens);
    std::int64_t row = 0;
    for (; row + rows_together <= rows; row += rows_together) scan_rows<S, rows_together>(task, row, begin, end);
    for (; row < rows; ++row) scan_rows<S, 1>(task, row, begin, end);
  }
}

template <class S>
void gated_rms_norm(MatrixView<const float> y, MatrixView<const float> z, const float* gain, float eps,
                    MatrixView<float> out) {
  for (std::int64_t r = 0; r < out.rows; ++r) {
    float* row = out.row(r);
    auto squares = S::zero();
    const auto gate = [&](auto... place) {  // place: (offset) or (offset, count)
      const auto load = [](const float* p, auto i, auto... n) { return S::load(p + i, n...); };
      const auto v = S::mul(load(y.row(r), place...), silu<S>(load(z.row(r), place...)));
      squares = S::fma(v, v, squares);
      return v;
    };
    along<S>(
        out.cols, [&](auto i) { S::store(row + i, gate(i)); },
        [&](auto i, auto n) { S::store(row + i, gate(i, n), n); });
    const auto factor = S::set(1.0F / std::sqrt(S::sum(squares) / static_cast<float>(out.cols) + eps));
    along<S>(
        out.cols, [&](auto i) { S::store(row + i, S::mul(S::mul(S::load(row + i), factor), S::load(gain + i))); },
        [&](auto i, auto n) {
          S::store(row + i, S::mul(S::mul(S::load(row + i, n), factor), S::load(gain + i, n)), n);
        });
  }
}

}  // namespace
}  // namespace trm
