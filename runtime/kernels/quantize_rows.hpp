#pragma once
// Rows of float32 to seven-bit left-hand sides, over the vectors of simd_*.hpp. Contracts: kernel_set.hpp.

#include <cstdint>

#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/kernels/row_kernels.hpp"

namespace trm {
namespace {

inline constexpr float largest_activation = 63.0F;
inline constexpr float smallest_peak = 1e-36F;  // a row below it counts as zero: its factor would overflow
inline constexpr float largest_probability = 127.0F;

// The bytes of fewer than a vector's lanes.
template <class S>
void store_bytes(std::uint8_t* p, typename S::Vector v, std::int64_t n) {
  std::uint8_t bytes[S::width];
  S::store_bytes(bytes, v);
  for (std::int64_t i = 0; i < n; ++i) p[i] = bytes[i];
}

template <class S>
void quantize(MatrixView<const float> in, const QuantizedRows& out) {
  const auto zero_point = S::set(static_cast<float>(activation_zero_point));
  for (std::int64_t r = 0; r < in.rows; ++r) {
    const float* row = in.row(r);
    auto peak = S::zero();
    auto poison = S::zero();  // stays 0 unless a value is not finite
    const auto look = [&](auto v) {
      peak = S::max(S::abs(v), peak);
      poison = S::fma(v, S::zero(), poison);
    };
    along<S>(
        in.cols, [&](auto i) { look(S::load(row + i)); }, [&](auto i, auto n) { look(S::load(row + i, n)); });
    const float largest = S::largest(peak);
    out.scale[r * out.scale_stride] = largest / largest_activation + S::sum(poison);
    const auto factor = S::set(largest > smallest_peak ? largest_activation / largest : 0.0F);
    std::uint8_t* q = out.row(r);
    const auto place = [&](auto v) { return S::add(S::round(S::mul(v, factor)), zero_point); };
    along<S>(
        in.cols, [&](auto i) { S::store_bytes(q + i, place(S::load(row + i))); },
        [&](auto i, auto n) { store_bytes<S>(q + i, place(S::load(row + i, n)), n); });
  }
}

template <class S>
void split(MatrixView<const float> p, const float* factor, const QuantizedRows& high, const QuantizedRows& low) {
  const auto unit = S::set(largest_probability);
  for (std::int64_t r = 0; r < p.rows; ++r) {
    const float* row = p.row(r);
    std::uint8_t* h = high.row(r);
    std::uint8_t* l = low.row(r);
    // 127 p = whole + rest with |rest| <= 1/2; whole is lowered by one where the rest would be negative.
    const auto parts = [&](auto value, auto f, auto&& put) {
      const auto x = S::mul(S::mul(value, f), unit);
      const auto whole = S::max(S::round(S::sub(x, S::set(0.4999999F))), S::zero());
      put(whole, S::min(S::round(S::mul(S::sub(x, whole), unit)), unit));
    };
    along<S>(
        p.cols,
        [&](auto i) {
          parts(S::load(row + i), S::load(factor + i), [&](auto whole, auto rest) {
            S::store_bytes(h + i, whole);
            S::store_bytes(l + i, rest);
          });
        },
        [&](auto i, auto n) {
          parts(S::load(row + i, n), S::load(factor + i, n), [&](auto whole, auto rest) {
            store_bytes<S>(h + i, whole, n);
            store_bytes<S>(l + i, rest, n);
          });
        });
  }
}

}  // namespace
}  // namespace trm
