#pragma once
// out = A W^T in float32 over the vectors of simd_*.hpp: a register tile of up to
// tile_rows rows by a panel, the whole K in registers, then the epilogue.

#include <cstdint>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/packed_matrix.hpp"

namespace trm {
namespace {

// Vectors of one output row at columns [column, n): whole ones, or the rest of the row.
template <class S>
void store_at(float* row, std::int64_t column, std::int64_t n, typename S::Vector v) {
  if (column + S::width <= n) {
    S::store(row + column, v);
  } else if (column < n) {
    S::store(row + column, v, n - column);
  }
}

template <class S>
typename S::Vector load_at(const float* row, std::int64_t column, std::int64_t n) {
  if (column + S::width <= n) return S::load(row + column);
  return column < n ? S::load(row + column, n - column) : S::zero();
}

// One register tile: `Rows` rows from `row` on, `Vectors` vectors of columns from `column` on.
template <class S, int Rows, int Vectors>
void tile_f32(const MatmulTask& task, const float* panel, std::int64_t row, std::int64_t column) {
  using Vector = typename S::Vector;
  const std::int64_t k = task.b->k;
  const std::int64_t stride = task.a.stride;
  Vector sum[Rows][Vectors];
  for (auto& r : sum)
    for (auto& v : r) v = S::zero();

  // Rows in groups of three, so that three addresses a pointer reach them all.
  constexpr int groups = (Rows + 2) / 3;
  const float* a[groups];
  for (int g = 0; g < groups; ++g) a[g] = task.a.row(row + 3 * g);
  for (std::int64_t i = 0; i < k; ++i) {
    Vector b[Vectors];
    for (int v = 0; v < Vectors; ++v) b[v] = S::load(panel + v * S::width);
    panel += Vectors * S::width;
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const Vector x = S::set(a[r / 3][(r % 3) * stride]);
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sum[r][v] = S::fma(x, b[v], sum[r][v]);
    }
#pragma GCC unroll 8
    for (int g = 0; g < groups; ++g) ++a[g];
  }

  const std::int64_t n = task.out.cols;
  for (int r = 0; r < Rows; ++r) {
    float* out = task.out.row(row + r);
    if (task.epilogue == Epilogue::swiglu) {
      store_at<S>(out, column / 2, n, S::mul(silu<S>(sum[r][0]), sum[r][Vectors - 1]));
      continue;
    }
    for (int v = 0; v < Vectors; ++v) {
      const std::int64_t c = column + v * S::width;
      if (task.epilogue == Epilogue::add) sum[r][v] = S::add(sum[r][v], load_at<S>(task.residual.row(row + r), c, n));
      store_at<S>(out, c, n, sum[r][v]);
    }
  }
}

using TileF32 = void (*)(const MatmulTask&, const float*, std::int64_t, std::int64_t);

// tiles[rows - 1] for every height from 1 to tile_rows.
template <class S, int Vectors, int... Index>
constexpr auto tile_table(std::integer_sequence<int, Index...>) {
  return std::array<TileF32, sizeof...(Index)>{&tile_f32<S, Index + 1, Vectors>...};
}

template <class S>
void matmul_f32(const MatmulTask& task) {
  static constexpr auto full = tile_table<S, 2>(std::make_integer_sequence<int, S::tile_rows>{});
  static constexpr auto half = tile_table<S, 1>(std::make_integer_sequence<int, S::tile_rows>{});
  const std::int64_t rows = task.a.rows;
  const std::int64_t tiles = (rows + S::tile_rows - 1) / S::tile_rows;
  const auto* panel = task.b->template as<const float>();
  for (std::int64_t column = 0; column < task.b->n; column += 2 * S::width) {
    const bool wide = column + S::width < task.b->n;
    const auto& table = wide ? full : half;
    for (std::int64_t t = 0; t < tiles; ++t) {  // heights that differ by at most one
      const std::int64_t first = rows * t / tiles;
      const std::int64_t height = rows * (t + 1) / tiles - first;
      table[static_cast<std::size_t>(height - 1)](task, panel, first, column);
    }
    panel += task.b->k * S::width * (wide ? 2 : 1);
  }
}

}  // namespace
}  // namespace trm
