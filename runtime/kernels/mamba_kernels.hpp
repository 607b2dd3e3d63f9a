#pragma once
// Kernels of Mamba-2, over the vectors of simd_*.hpp. Contracts: kernel_set.hpp.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/row_kernels.hpp"

namespace trm {
namespace {

// The rows lie in memory: other tokens' wide rows were written since. Each is fetched while the one `ahead` rows before
// it is computed, three times as fast as without.
template <class S>
void convolve(MatrixView<const float> in, MatrixView<const float> weight, const float* bias, MatrixView<float> out) {
  constexpr std::int64_t ahead = 2;
  const std::int64_t before = in.rows - out.rows;  // rows of history
  for (std::int64_t r = 0; r < out.rows; ++r) {
    const std::int64_t newest = before + r;
    const std::int64_t first = std::max<std::int64_t>(weight.rows - 1 - newest, 0);  // tap with a row to read
    const float* later = in.row(std::min(newest + ahead, in.rows - 1));
    along<S>(out.cols, [&](auto i, auto... count) {
      __builtin_prefetch(later + i);
      auto sum = load_from<S>(bias, i, count...);
      for (std::int64_t k = first; k < weight.rows; ++k) {
        const float* row = in.row(newest - weight.rows + 1 + k);
        sum = S::fma(load_from<S>(weight.row(k), i, count...), load_from<S>(row, i, count...), sum);
      }
      store_to<S>(out.row(r), silu<S>(sum), i, count...);
    });
  }
}

template <class S>
void dt_and_decay(MatrixView<const float> in, const float* bias, const float* a, MatrixView<float> dt,
                  MatrixView<float> decay) {
  for (std::int64_t r = 0; r < in.rows; ++r) {
    along<S>(in.cols, [&](auto... place) {
      const auto v = softplus<S>(S::add(load_from<S>(in.row(r), place...), load_from<S>(bias, place...)));
      store_to<S>(dt.row(r), v, place...);
      store_to<S>(decay.row(r), exp<S>(S::mul(v, load_from<S>(a, place...))), place...);
    });
  }
}

template <class S>
void gated_rms_norm(MatrixView<const float> y, MatrixView<const float> z, const float* weight, float eps,
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
      store_to<S>(row, S::mul(v, load_from<S>(weight, place...)), place...);
    });
  }
}

}  // namespace
}  // namespace trm
