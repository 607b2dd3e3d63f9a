#pragma once
// Softmax over chunks of keys whose results are integers of eight bits, or of fourteen in two planes, for int8
// attention, over the vectors of simd_*.hpp. Contract: kernel_set.hpp.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/four_vectors.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/tensor.hpp"

namespace trm {
namespace {

// The sum of four vectors' lanes.
template <class S>
[[gnu::always_inline]] inline float sum_of_four(const typename S::Vector (&v)[4]) {
  return S::sum(S::add(S::add(v[0], v[1]), S::add(v[2], v[3])));
}

// A row's sums: of p = exp(scale (score - top)), and of what rounding took from p factor.
struct RowSums {
  float sum;
  float lost;
};

// Row r of KernelSet::probabilities. slope: scale / ln 2, so that e^(scale x) = 2^(slope x).
template <class S, bool one_plane>
RowSums row_probabilities(const float* scores, std::int64_t n, float top_score, typename S::Vector slope,
                          const float* factor, std::uint8_t* high, std::uint8_t* low) {
  const auto top = S::set(top_score);
  typename S::Vector total[4] = {S::zero(), S::zero(), S::zero(), S::zero()};
  typename S::Vector exact[4] = {S::zero(), S::zero(), S::zero(), S::zero()};
  typename S::Integers rounded[4] = {};
  const auto offset = S::set(one_plane ? -128.0F : 0.0F);  // S::store_bytes takes integers in [-128, 127]
  for (std::int64_t i = 0; i < n; i += four_vectors<S>) {
    typename S::Integers parts[4];
    for (int j = 0; j < 4; ++j) {
      const std::int64_t at = i + j * S::width;
      const auto p = exp2_coarse<S>(S::mul(S::sub(S::load(scores + at), top), slope));
      const auto part = S::fma(p, S::load(factor + at), offset);
      total[j] = S::add(total[j], p);
      parts[j] = S::nearest(part);
      exact[j] = S::add(exact[j], part);
      rounded[j] = S::add_integers(rounded[j], parts[j]);
    }
    if constexpr (one_plane) {
      S::store_bytes(high + i, parts, static_cast<char>(-128));
    } else {
      S::store_sevens(high + i, low + i, parts);
    }
  }
  for (int j = 0; j < 4; ++j) exact[j] = S::sub(exact[j], S::to_float(rounded[j]));
  return {.sum = sum_of_four<S>(total), .lost = sum_of_four<S>(exact)};
}

template <class S>
void probabilities(MatrixView<const float> scores, float scale, const float* factor, const Probabilities& out) {
  constexpr std::int64_t most_rows = 16;  // KernelSet::query_rows, whole vectors
  const auto slope = S::set(scale * 1.44269504F);
  // The chunk's own top, sum and lost.
  float top[most_rows] = {}, sum[most_rows] = {}, lost[most_rows] = {};
  // Maxima of all rows first: the exponentials of a row would otherwise wait for its reduction.
  // A finite number stands for a maximum of minus infinity, whose difference with the scores would be NaN.
  for (std::int64_t r = 0; r < scores.rows; ++r) {
    top[r] = std::max(largest_of<S>(scores.row(r), scores.cols), -std::numeric_limits<float>::max());
  }
  const auto for_rows = [&](auto one_plane) {
    for (std::int64_t r = 0; r < scores.rows; ++r) {
      const RowSums sums = row_probabilities<S, one_plane>(scores.row(r), scores.cols, top[r], slope, factor,
                                                           out.high.row(r), one_plane ? nullptr : out.low.row(r));
      sum[r] = sums.sum;
      lost[r] = sums.lost;
    }
  };
  out.low.data == nullptr ? for_rows(std::true_type{}) : for_rows(std::false_type{});
  for (std::int64_t r = 0; r < scores.rows; r += S::width) {
    const auto old_top = S::load(out.top + r), chunk_top = S::load(top + r);
    const auto new_top = S::max(chunk_top, old_top);
    const auto keep = exp2_coarse<S>(S::mul(S::sub(old_top, new_top), slope));
    const auto weight = exp2_coarse<S>(S::mul(S::sub(chunk_top, new_top), slope));
    S::store(out.top + r, new_top);
    S::store(out.keep + r, keep);
    S::store(out.weight + r, weight);
    S::store(out.sum + r, S::fma(S::load(out.sum + r), keep, S::mul(S::load(sum + r), weight)));
    S::store(out.lost + r, S::fma(S::load(out.lost + r), keep, S::mul(S::load(lost + r), weight)));
  }
}

}  // namespace
}  // namespace trm
