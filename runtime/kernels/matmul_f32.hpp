#pragma once
// out = A W^T in float32 over the vectors of simd_*.hpp: a register tile of up to
// tile_rows rows by a panel, summed over the whole K, then the epilogue.

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "runtime/kernels/epilogue.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/kernels/tiles.hpp"
#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

// Products of one partial sum; partial sums are then added up. The rounding error of a sum grows with the square root
// of its length, and a recursion of hundreds of passes amplifies it.
inline constexpr std::int64_t summed_at_once = 128;

// sum[Rows, Vectors] = the sum of the products of the next `count` features. Moves x and panel on.
template <class S, int Rows, int Vectors>
[[gnu::always_inline]] inline void sum_products(const float* (&x)[row_groups<Rows>], std::int64_t stride,
                                                const float*& panel, std::int64_t count, Prefetch& prefetch,
                                                typename S::Vector (&sum)[Rows][Vectors]) {
  using Vector = typename S::Vector;
  unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { sum[r][v] = S::zero(); });
  });
  for (std::int64_t i = 0; i < count; ++i) {
    Vector b[Vectors];
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { b[v] = S::load(panel + v * S::width); });
    panel += Vectors * S::width;
    prefetch.turn();
    unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
      const Vector value = S::set(x[r / 3][(r % 3) * stride]);
      unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { sum[r][v] = S::fma(value, b[v], sum[r][v]); });
    });
    unrolled<row_groups<Rows>>([&](auto g) __attribute__((always_inline)) { ++x[g]; });
  }
}

// One register tile, of `Rows` rows and `Vectors` vectors of columns. Its sum is in registers; it waits in memory while
// the registers hold the next partial sum. Short products (scores: K = head_dim) have a path of their own: where they
// share one, GCC writes all sums to memory for both.
template <class S, int Rows, int Vectors>
void tile_f32(MatrixView<const float> a, const MatmulTask& task, const float* panel, const Tile& tile) {
  using Vector = typename S::Vector;
  const std::int64_t k = task.b->k;
  const float* x[row_groups<Rows>];
  for (int g = 0; g < row_groups<Rows>; ++g) x[g] = a.row(tile.row + std::int64_t{3} * g);
  Prefetch prefetch(panel + k * Vectors * S::width, k, tile);
  Vector sum[Rows][Vectors];
  alignas(Vector) float waiting[Rows][Vectors][S::width];
  const auto each = [&](auto&& change) __attribute__((always_inline)) {
    unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
      unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { change(sum[r][v], waiting[r][v]); });
    });
  };
  const auto finish = [&]() __attribute__((always_inline)) {
    finish_tile<S, silu<S>, Rows, Vectors>(
        task, tile, [&](auto r, auto& value) __attribute__((always_inline)) {
          unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { value[v] = sum[r][v]; });
        });
  };
  constexpr bool wide = S::width > 4 && Vectors == 2;  // elsewhere the path would be size without gain
  if (wide && k <= summed_at_once) {
    sum_products<S, Rows, Vectors>(x, a.stride, panel, k, prefetch, sum);
    return finish();
  }
  sum_products<S, Rows, Vectors>(x, a.stride, panel, std::min(k, summed_at_once), prefetch, sum);
  for (std::int64_t done = summed_at_once; done < k; done += summed_at_once) {
    each([](Vector& total, float* place) { S::store(place, total); });
    sum_products<S, Rows, Vectors>(x, a.stride, panel, std::min(k - done, summed_at_once), prefetch, sum);
    each([](Vector& part, const float* place) { part = S::add(S::load(place), part); });
  }
  finish();
}

// The functions for tiles of 1, 2, ... tile_rows rows.
template <class S, int Vectors, int... Index>
constexpr auto f32_tiles(std::integer_sequence<int, Index...>) {
  return std::array{&tile_f32<S, Index + 1, Vectors>...};
}

template <class S>
void matmul_f32(MatrixView<const float> a, const MatmulTask& task) {
  static constexpr auto wide = f32_tiles<S, 2>(std::make_integer_sequence<int, S::tile_rows>{});
  static constexpr auto narrow = f32_tiles<S, 1>(std::make_integer_sequence<int, S::tile_rows>{});
  const auto* data = task.b->template as<const float>();
  constexpr std::int64_t turn_bytes = 2 * S::width * std::int64_t{sizeof(float)};
  for_tiles<S>(a.rows, task.b->n, turn_bytes, [&](const Tile& tile) {
    const auto& tiles = tile.wide ? wide : narrow;
    tiles[static_cast<std::size_t>(tile.height - 1)](a, task, data + tile.column * task.b->k, tile);
  });
}

}  // namespace
}  // namespace trm
