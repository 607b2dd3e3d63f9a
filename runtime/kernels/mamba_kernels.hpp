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
    along<S>(out.cols, [&](auto... place) {
      auto sum = load_from<S>(bias, place...);
      for (std::int64_t k = first; k < weight.rows; ++k) {
        const float* row = in.row(newest - weight.rows + 1 + k);
        sum = S::fma(load_from<S>(weight.row(k), place...), load_from<S>(row, place...), sum);
      }
      store_to<S>(out.row(r), silu<S>(sum), place...);
    });
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
    along<S>(
        n, [&](auto... place) __attribute__((always_inline)) {
          const auto b = load_from<S>(task.b.row(t), place...), c = load_from<S>(task.c.row(t), place...);
          unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
            const auto s = S::fma(update[r], b, S::mul(decay, load_from<S>(state + r * n, place...)));
            sum[r] = S::fma(s, c, sum[r]);
            store_to<S>(state + r * n, s, place...);
          });
        });
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
    along<S>(out.cols, [&](auto... place) {
      const auto v = S::mul(load_from<S>(y.row(r), place...), silu<S>(load_from<S>(z.row(r), place...)));
      squares = S::fma(v, v, squares);
      store_to<S>(row, v, place...);
    });
    const auto factor = S::set(1.0F / std::sqrt(S::sum(squares) / static_cast<float>(out.cols) + eps));
    along<S>(out.cols, [&](auto... place) {
      const auto v = S::mul(load_from<S>(row, place...), factor);
      store_to<S>(row, S::mul(v, load_from<S>(gain, place...)), place...);
    });
  }
}

}  // namespace
}  // namespace trm
