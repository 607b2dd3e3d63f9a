#pragma once
// out = scale_a scale_w (Q W^T) with Q in seven bits, W in eight, and sums that are exact in 32 bits: every instruction
// set computes the same integers. D has the dot products (dot_*.hpp), S the float vectors of the epilogue
// (simd_*.hpp).

#include <array>
#include <cstdint>
#include <utility>

#include "runtime/kernels/epilogue.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/kernels/tiles.hpp"
#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

// Fetches the residual rows of a tile, which lie in the third cache after attention has read all keys and values,
// while the tile is computed.
template <int Rows>
void prefetch_residual(const MatmulTask& task, const Tile& tile) {
  constexpr std::int64_t line = 16;  // floats
  for (int r = 0; r < Rows; ++r) {
    const float* row = task.residual.row(tile.row + r) + tile.column;
    __builtin_prefetch(row);
    __builtin_prefetch(row + line);
  }
}

// One register tile, of `Rows` rows and `Vectors` vectors of columns. One function, because GCC keeps the
// sums in memory if they are passed to another.
template <class S, class D, int Rows, int Vectors>
// NOLINTNEXTLINE(readability-function-size)
void tile_int8(const QuantizedRows& a, const MatmulTask& task, const std::int8_t* panel, const Tile& tile) {
  const std::int64_t row = tile.row;
  const std::int64_t column = tile.column;
  using Integers = typename D::Integers;
  const PackedMatrix& b = *task.b;
  constexpr std::int64_t group_bytes = Vectors * D::width * k_group;  // of a panel, for a k-group
  const std::int64_t groups = (b.k + k_group - 1) / k_group;
  const std::int64_t stride = a.stride;

  if (task.epilogue == Epilogue::add) prefetch_residual<Rows>(task, tile);
  Integers sum[Rows][Vectors];
  unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
      sum[r][v] = D::load(b.compensation + column + v * D::width);
    });
  });
  const std::uint8_t* x[row_groups<Rows>];
  unrolled<row_groups<Rows>>([&](auto g) __attribute__((always_inline)) { x[g] = a.row(row + 3 * g); });
  const auto weights = [&](int v) __attribute__((always_inline)) {
    return D::load(panel + v * D::width * k_group);
  };
  // Adds the products of the panel's next k-group with the activations from `feature` on.
  const auto add_group = [&](std::int64_t feature) __attribute__((always_inline)) {
    Integers w[Vectors];
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { w[v] = weights(v); });
    panel += group_bytes;
    unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
      const Integers q = D::broadcast(x[r / 3] + (r % 3) * stride + feature);
      unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { sum[r][v] = D::dot(sum[r][v], q, w[v]); });
    });
  };
  Prefetch prefetch(panel + groups * group_bytes, D::sums_in_int16 ? groups / 2 : groups, tile);
  if constexpr (D::sums_in_int16) {
    const std::int64_t pairs = groups / 2;
    const bool ordered = !b.pair_order.empty();
    const std::int64_t panel_index = column / (2 * D::width);
    const std::int32_t* order = ordered ? b.pair_order.data() + panel_index * pairs : nullptr;
    std::int64_t safe = ordered ? b.safe_pairs[static_cast<std::size_t>(panel_index)] : pairs;
    if (a.eight_bits) safe = 0;  // two of their products fit 16 bits, four do not
    std::int64_t s = 0;
    for (; s < safe; ++s) {
      prefetch.turn();
      const std::int64_t feature = (ordered ? order[s] : s) * k_pair;
      Integers w[2][Vectors];
      unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { w[0][v] = weights(v); });
      panel += group_bytes;
      unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { w[1][v] = weights(v); });
      panel += group_bytes;
      unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
        const std::uint8_t* at = x[r / 3] + (r % 3) * stride + feature;
        const Integers q0 = D::broadcast(at), q1 = D::broadcast(at + k_group);
        unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
          sum[r][v] = D::dot(sum[r][v], q0, w[0][v], q1, w[1][v]);
        });
      });
    }
    for (; s < pairs; ++s) {
      const std::int64_t feature = (ordered ? order[s] : s) * k_pair;
      add_group(feature);
      add_group(feature + k_group);
    }
    if (groups % 2 != 0) add_group((groups - 1) * k_group);
  } else {
    for (std::int64_t i = 0; i < groups; ++i) {
      prefetch.turn();
      add_group(i * k_group);
    }
  }

  const float* row_scale = a.scale + row * a.scale_stride;
  const std::int64_t scale_stride = a.scale_stride;
  typename S::Vector column_scale[Vectors];
  unrolled<Vectors>([&](auto v)
                        __attribute__((always_inline)) { column_scale[v] = S::load(b.scale + column + v * D::width); });
  finish_tile<S, silu_coarse<S>, Rows, Vectors>(
      task, tile, [&](auto r, auto& value) __attribute__((always_inline)) {
        const auto scale = S::set(row_scale[r * scale_stride]);
        unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
          value[v] = S::mul(D::to_float(sum[r][v]), S::mul(scale, column_scale[v]));
        });
      });
}

// The functions for tiles of 1, 2, ... tile_rows rows.
template <class S, class D, int Vectors, int... Index>
constexpr auto int8_tiles(std::integer_sequence<int, Index...>) {
  return std::array{&tile_int8<S, D, Index + 1, Vectors>...};
}

template <class S, class D>
void matmul_int8(const QuantizedRows& a, const MatmulTask& task) {
  static constexpr auto wide = int8_tiles<S, D, 2>(std::make_integer_sequence<int, D::tile_rows>{});
  static constexpr auto narrow = int8_tiles<S, D, 1>(std::make_integer_sequence<int, D::tile_rows>{});
  const auto* data = task.b->template as<const std::int8_t>();
  const std::int64_t k = round_up(task.b->k, k_group);
  constexpr std::int64_t turn_bytes = 2 * D::width * (D::sums_in_int16 ? k_pair : k_group);
  for_tiles<D>(a.rows, task.b->n, turn_bytes, [&](const Tile& tile) {
    const auto& tiles = tile.wide ? wide : narrow;
    tiles[static_cast<std::size_t>(tile.height - 1)](a, task, data + tile.column * k, tile);
  });
}

}  // namespace
}  // namespace trm
