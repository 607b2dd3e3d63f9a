#pragma once
// What becomes of one row of a finished register tile, over the vectors of simd_*.hpp.

#include <cstdint>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/kernel_set.hpp"

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

template <class S, int Vectors>
void finish_row(const MatmulTask& task, std::int64_t row, std::int64_t column, typename S::Vector (&sum)[Vectors]) {
  float* out = task.out.row(row);
  const std::int64_t n = task.out.cols;
  if (task.epilogue == Epilogue::swiglu) {
    store_at<S>(out, column / 2, n, S::mul(silu<S>(sum[0]), sum[Vectors - 1]));
    return;
  }
  for (int v = 0; v < Vectors; ++v) {
    const std::int64_t c = column + v * S::width;
    if (task.epilogue == Epilogue::add) sum[v] = S::add(sum[v], load_at<S>(task.residual.row(row), c, n));
    store_at<S>(out, c, n, sum[v]);
  }
}

// Runs tile(row, height, column, wide, panel_offset) over a product's register tiles: panels outside,
// so that each is read from far away once, heights that differ by at most one inside.
template <class S, class Tile>
void for_tiles(std::int64_t rows, std::int64_t n, Tile&& tile) {
  const std::int64_t tiles = (rows + S::tile_rows - 1) / S::tile_rows;
  for (std::int64_t column = 0; column < n; column += 2 * S::width) {
    const bool wide = column + S::width < n;
    for (std::int64_t t = 0; t < tiles; ++t) {
      const std::int64_t first = rows * t / tiles;
      tile(first, rows * (t + 1) / tiles - first, column, wide);
    }
  }
}

}  // namespace
}  // namespace trm
