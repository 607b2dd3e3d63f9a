#pragma once
// Rows of float32 to seven-bit left-hand sides, over the vectors of simd_*.hpp. Contracts: kernel_set.hpp.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "runtime/kernels/four_vectors.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/tensor.hpp"

namespace trm {
namespace {

inline constexpr float largest_activation = 63.0F;
inline constexpr float smallest_peak = 1e-36F;  // below it a row becomes zero: its factor would overflow

// The largest magnitude of a row; infinity or NaN if it holds one.
template <class S>
float peak_of(const float* row, std::int64_t n) {
  typename S::Vector peak[4] = {S::zero(), S::zero(), S::zero(), S::zero()};
  along_fours<S>(n, [&](auto i, auto whole) {
    typename S::Vector v[4];
    load_four<S>(row, i, n, whole, v);
    for (int j = 0; j < 4; ++j) peak[j] = S::larger_magnitude(peak[j], v[j]);
  });
  const auto pair = [](auto a, auto b) { return S::larger_magnitude(a, b); };
  return S::largest_magnitude(pair(pair(peak[0], peak[1]), pair(peak[2], peak[3])));
}

template <class S>
void quantize(MatrixView<const float> in, const QuantizedRows& out) {
  for (std::int64_t r = 0; r < in.rows; ++r) {
    const float* row = in.row(r);
    std::uint8_t* q = out.row(r);
    const float peak = peak_of<S>(row, in.cols);
    float& scale = out.scale[r * out.scale_stride];
    if (!std::isfinite(peak)) {
      scale = std::numeric_limits<float>::quiet_NaN();
      std::memset(q, activation_zero_point, static_cast<std::size_t>(in.cols));
      continue;
    }
    scale = peak / largest_activation;
    const auto factor = S::set(peak > smallest_peak ? largest_activation / peak : 0.0F);
    along_fours<S>(in.cols, [&](auto i, auto whole) {
      typename S::Vector v[4];
      load_four<S>(row, i, in.cols, whole, v);
      typename S::Integers integers[4];
      for (int j = 0; j < 4; ++j) integers[j] = S::nearest(S::mul(v[j], factor));
      store_four<S>(q, i, in.cols, whole, integers, activation_zero_point);
    });
  }
}

}  // namespace
}  // namespace trm
