#pragma once
// out = A W^T in float32 over the vectors of simd_*.hpp: a register tile of up to
// tile_rows rows by a panel, summed over the whole K, then the epilogue.

#include <array>
#include <cstdint>
#include <utility>

#include "runtime/kernels/epilogue.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

// One register tile: `Rows` rows of a from `row` on, `Vectors` vectors of columns from `column` on.
template <class S, int Rows, int Vectors>
void tile_f32(MatrixView<const float> a, const MatmulTask& task, const float* panel, std::int64_t row,
              std::int64_t column) {
  using Vector = typename S::Vector;
  const std::int64_t k = task.b->k;
  const std::int64_t stride = a.stride;
  Vector sum[Rows][Vectors];
  unrolled<Rows * Vectors>([&](auto i) __attribute__((always_inline)) { sum[i / Vectors][i % Vectors] = S::zero(); });

  // Rows in groups of three, so that three addresses a pointer reach them all.
  constexpr int groups = (Rows + 2) / 3;
  const float* x[groups];
  unrolled<groups>([&](auto g) __attribute__((always_inline)) { x[g] = a.row(row + 3 * g); });
  for (std::int64_t i = 0; i < k; ++i) {
    Vector b[Vectors];
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { b[v] = S::load(panel + v * S::width); });
    unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
      const Vector value = S::set(x[r / 3][(r % 3) * stride]);
      unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { sum[r][v] = S::fma(value, b[v], sum[r][v]); });
    });
    panel += Vectors * S::width;
    unrolled<groups>([&](auto g) __attribute__((always_inline)) { ++x[g]; });
  }
  unrolled<Rows>([&](auto r) __attribute__((always_inline)) { finish_row<S, Vectors>(task, row + r, column, sum[r]); });
}

// table[rows - 1] for every height from 1 to tile_rows.
template <class S, int Vectors, int... Index>
constexpr auto f32_tiles(std::integer_sequence<int, Index...>) {
  return std::array{&tile_f32<S, Index + 1, Vectors>...};
}

template <class S>
void matmul_f32(MatrixView<const float> a, const MatmulTask& task) {
  static constexpr auto full = f32_tiles<S, 2>(std::make_integer_sequence<int, S::tile_rows>{});
  static constexpr auto half = f32_tiles<S, 1>(std::make_integer_sequence<int, S::tile_rows>{});
  const auto* data = task.b->template as<const float>();
  for_tiles<S>(a.rows, task.b->n, [&](std::int64_t row, std::int64_t height, std::int64_t column, bool wide) {
    (wide ? full : half)[static_cast<std::size_t>(height - 1)](a, task, data + column * task.b->k, row, column);
  });
}

}  // namespace
}  // namespace trm
