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
[[gnu::always_inline]] inline void finish_row(const MatmulTask& task, std::int64_t row, std::int64_t column,
                                              typename S::Vector (&sum)[Vectors]) {
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

// One register tile of a product: where it lies, and how many tiles its panel has.
struct Tile {
  std::int64_t row;
  std::int64_t height;
  std::int64_t column;
  bool wide;           // two vectors of columns, else one
  std::int64_t index;  // among the panel's tiles
  std::int64_t count;
};

// The share of the next panel that a tile fetches into the second cache while it computes, so
// that reading weights from far away is spread over all tiles of a panel.
class Prefetch {
 public:
  // The tile's part of `bytes` at `next`, in `turns` calls of turn().
  Prefetch(const void* next, std::int64_t bytes, std::int64_t turns, const Tile& tile)
      : at_(static_cast<const char*>(next) + bytes * tile.index / tile.count),
        step_(turns > 0 ? bytes / (turns * tile.count) : 0) {}
  [[gnu::always_inline]] void turn() {
    __builtin_prefetch(at_, 0, 2);
    at_ += step_;
  }

 private:
  const char* at_;
  std::int64_t step_;
};

// Runs visit(tile) over a product's register tiles: panels outside, so that each is read from
// far away once, heights that differ by at most one inside.
template <class S, class Visit>
void for_tiles(std::int64_t rows, std::int64_t n, Visit&& visit) {
  const std::int64_t count = (rows + S::tile_rows - 1) / S::tile_rows;
  for (std::int64_t column = 0; column < n; column += 2 * S::width) {
    for (std::int64_t t = 0; t < count; ++t) {
      const std::int64_t row = rows * t / count;
      visit(Tile{row, rows * (t + 1) / count - row, column, column + S::width < n, t, count});
    }
  }
}

}  // namespace
}  // namespace trm
