#pragma once
// How a finished register tile is written, over the vectors of simd_*.hpp.

#include <cstdint>

#include "runtime/kernels/elementary.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/tiles.hpp"
#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

// One vector of an output row at columns [column, n): a whole one, or the row's rest.
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

// Writes one row of a tile. `inside`: all of its vectors lie within the output. silu: one of elementary.hpp.
template <class S, auto silu, Epilogue epilogue, bool inside, int Vectors>
[[gnu::always_inline]] inline void finish_row(const MatmulTask& task, std::int64_t row, std::int64_t column,
                                              const typename S::Vector (&sum)[Vectors]) {
  float* out = task.out.row(row);
  const std::int64_t n = task.out.cols;
  const auto store = [&](std::int64_t c, auto v) { inside ? S::store(out + c, v) : store_at<S>(out, c, n, v); };
  if constexpr (epilogue == Epilogue::swiglu) return store(column / 2, S::mul(silu(sum[0]), sum[Vectors - 1]));
  for (int v = 0; v < Vectors; ++v) {
    const std::int64_t c = column + v * S::width;
    auto value = sum[v];
    if constexpr (epilogue == Epilogue::add) {
      const float* residual = task.residual.row(row);
      value = S::add(value, inside ? S::load(residual + c) : load_at<S>(residual, c, n));
    }
    store(c, value);
  }
}

// Writes rows of `Vectors` vectors from a column on: rows(finish) calls finish(row, vectors) for each of them. The
// epilogue is chosen once, before the first row.
template <class S, auto silu, int Vectors, class Rows>
[[gnu::always_inline]] inline void finish_rows(const MatmulTask& task, std::int64_t column, Rows&& rows) {
  const MatmulTask own = task;  // a copy: after each store the compiler would have to read a referenced task again
  const auto all = [&]<Epilogue epilogue, bool inside>() __attribute__((always_inline)) {
    rows([&](std::int64_t row, const typename S::Vector(&sum)[Vectors])
             __attribute__((always_inline)) { finish_row<S, silu, epilogue, inside>(own, row, column, sum); });
  };
  const bool swiglu = own.epilogue == Epilogue::swiglu;
  const bool inside = swiglu || column + Vectors * S::width <= own.out.cols;  // swiglu has whole panels only
  const bool add = own.epilogue == Epilogue::add;
  if (swiglu) return all.template operator()<Epilogue::swiglu, true>();
  if (inside && add) return all.template operator()<Epilogue::add, true>();
  if (inside) return all.template operator()<Epilogue::store, true>();
  if (add) return all.template operator()<Epilogue::add, false>();
  all.template operator()<Epilogue::store, false>();
}

// Writes a register tile. sums(r, value) gives the vectors of its row r.
template <class S, auto silu, int Rows, int Vectors, class Sums>
[[gnu::always_inline]] inline void finish_tile(const MatmulTask& task, const Tile& tile, Sums&& sums) {
  finish_rows<S, silu, Vectors>(
      task, tile.column, [&](auto&& finish) __attribute__((always_inline)) {
        unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
          typename S::Vector value[Vectors];
          sums(r, value);
          finish(tile.row + r, value);
        });
      });
}

}  // namespace
}  // namespace trm
