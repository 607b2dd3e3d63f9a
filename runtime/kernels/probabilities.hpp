#pragma once
// Softmax whose results are fourteen-bit integers, for int8 attention, over the vectors of simd_*.hpp. Contract:
// kernel_set.hpp.

#include <cstdint>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/four_vectors.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/tensor.hpp"

namespace trm {
namespace {

template <class S>
void probabilities(MatrixView<const float> scores, float scale, const float* factor, const QuantizedRows& high,
                   const QuantizedRows& low, float* inverse_sum) {
  const auto slope = S::set(scale * 1.44269504F);  // e^(scale x) = 2^(slope x)
  for (std::int64_t r = 0; r < scores.rows; ++r) {
    const float* row = scores.row(r);
    const auto top = S::set(largest_of<S>(row, scores.cols));
    typename S::Vector total[4] = {S::zero(), S::zero(), S::zero(), S::zero()};
    for (std::int64_t i = 0; i < scores.cols; i += four_vectors<S>) {
      typename S::Integers parts[4];
      for (int j = 0; j < 4; ++j) {
        const std::int64_t at = i + j * S::width;
        const auto p = exp2_coarse<S>(S::mul(S::sub(S::load(row + at), top), slope));
        total[j] = S::add(total[j], p);
        parts[j] = S::nearest(S::mul(p, S::load(factor + at)));
      }
      S::store_sevens(high.row(r) + i, low.row(r) + i, parts);
    }
    inverse_sum[r] = 1.0F / S::sum(S::add(S::add(total[0], total[1]), S::add(total[2], total[3])));
  }
}

}  // namespace
}  // namespace trm
