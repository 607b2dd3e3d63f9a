#pragma once
// out = scale_a scale_w (Q W^T) with Q in seven bits, W in eight, sums exact in 32
// bits: every instruction set gets the same integers. D supplies the dot products
// (dot_*.hpp), S the float vectors of the epilogue (simd_*.hpp).

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "runtime/kernels/epilogue.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

// Where the sums of a tile start, [Rows, width], if something was split off from its panel: the
// zero point's share and the products of what was split off. False: nothing was.
template <int Rows, int Width>
bool start_with_outliers(const QuantizedRows& a, const PackedMatrix& b, std::int64_t row, std::int64_t column,
                         std::int32_t (&start)[Rows][Width]) {
  if (b.outliers.empty()) return false;
  auto it = std::lower_bound(b.outliers.begin(), b.outliers.end(), column,
                             [](const Outlier& o, std::int64_t c) { return o.column < c; });
  if (it == b.outliers.end() || it->column >= column + Width) return false;
  for (auto& r : start) std::copy_n(b.start + column, Width, r);
  for (; it != b.outliers.end() && it->column < column + Width; ++it)
    for (int r = 0; r < Rows; ++r) start[r][it->column - column] += it->rest * a.row(row + r)[it->feature];
  return true;
}

// One register tile, of `Rows` rows and `Vectors` vectors of columns.
template <class S, class D, int Rows, int Vectors>
void tile_int8(const QuantizedRows& a, const MatmulTask& task, const std::int8_t* panel, const Tile& tile) {
  const std::int64_t row = tile.row;
  const std::int64_t column = tile.column;
  using Integers = typename D::Integers;
  const PackedMatrix& b = *task.b;
  constexpr std::int64_t width = Vectors * D::width;
  constexpr int together = D::sums_in_int16 ? 2 : 1;  // fours a turn of the loop
  const std::int64_t fours = (b.k + features_together - 1) / features_together;
  const std::int64_t stride = a.stride;

  const std::int32_t* start = b.start + column;
  std::int64_t start_stride = 0;
  [[maybe_unused]] alignas(64) std::int32_t with_outliers[D::sums_in_int16 ? Rows : 1][width];
  if constexpr (D::sums_in_int16) {
    if (start_with_outliers(a, b, row, column, with_outliers)) {
      start = with_outliers[0];
      start_stride = width;
    }
  }
  Integers sum[Rows][Vectors];
  unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
      sum[r][v] = D::load(start + r * start_stride + v * D::width);
    });
  });

  // Rows in groups of three, so that three addresses a pointer reach them all.
  constexpr int groups = (Rows + 2) / 3;
  const std::uint8_t* x[groups];
  unrolled<groups>([&](auto g) __attribute__((always_inline)) { x[g] = a.row(row + 3 * g); });
  constexpr std::int64_t four_bytes = width * features_together;  // of a panel, for four features
  Prefetch prefetch(panel + fours * four_bytes, fours * four_bytes, fours / together, tile);
  // Adds the products of the next `Fours` fours of features to the sums.
  const auto advance = [&]<int Fours>(std::integral_constant<int, Fours>) __attribute__((always_inline)) {
    Integers w[Fours][Vectors];
    unrolled<Fours * Vectors>([&](auto i) __attribute__((always_inline)) {
      w[i / Vectors][i % Vectors] = D::load(panel + i * D::width * features_together);
    });
    unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
      const std::uint8_t* four = x[r / 3] + (r % 3) * stride;
      const Integers q = D::broadcast(four);
      if constexpr (Fours == 1) {
        unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { sum[r][v] = D::dot(sum[r][v], q, w[0][v]); });
      } else {
        const Integers next = D::broadcast(four + features_together);
        unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
          sum[r][v] = D::dot(sum[r][v], q, w[0][v], next, w[1][v]);
        });
      }
    });
    panel += Fours * width * features_together;
    unrolled<groups>([&](auto g) __attribute__((always_inline)) { x[g] += Fours * features_together; });
  };
  std::int64_t i = 0;
  for (; i + together <= fours; i += together) {
    prefetch.turn();
    advance(std::integral_constant<int, together>{});
  }
  if (i < fours) advance(std::integral_constant<int, 1>{});

  unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
    const auto scale = S::set(a.scale[(row + r) * a.scale_stride]);
    typename S::Vector value[Vectors];
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
      value[v] = S::mul(D::to_float(sum[r][v]), S::mul(scale, S::load(b.scale + column + v * D::width)));
    });
    finish_row<S, Vectors>(task, row + r, column, value);
  });
}

// table[rows - 1] for every height from 1 to tile_rows.
template <class S, class D, int Vectors, int... Index>
constexpr auto int8_tiles(std::integer_sequence<int, Index...>) {
  return std::array{&tile_int8<S, D, Index + 1, Vectors>...};
}

template <class S, class D>
void matmul_int8(const QuantizedRows& a, const MatmulTask& task) {
  static constexpr auto full = int8_tiles<S, D, 2>(std::make_integer_sequence<int, D::tile_rows>{});
  static constexpr auto half = int8_tiles<S, D, 1>(std::make_integer_sequence<int, D::tile_rows>{});
  const auto* data = task.b->template as<const std::int8_t>();
  const std::int64_t k = round_up(task.b->k, features_together);
  for_tiles<D>(a.rows, task.b->n, [&](const Tile& tile) {
    const auto& tiles = tile.wide ? full : half;
    tiles[static_cast<std::size_t>(tile.height - 1)](a, task, data + tile.column * k, tile);
  });
}

}  // namespace
}  // namespace trm
