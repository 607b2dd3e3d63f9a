#pragma once
// out = scale_a (sum over blocks of scale_w (Q W^T)) with Q in seven bits and W in GGUF's Q4_0, blocks of 32 features
// of an output channel with one scale. The sum of a block is exact in 32 bits: every instruction set computes the same
// integers, and adds the scaled blocks in float32, in order. D has the dot products (dot_*.hpp), S the float vectors
// (simd_*.hpp).
//
// Weights stay packed in memory. A few blocks of a panel at a time are unpacked to bytes, into a buffer that fits the
// first cache, and all rows are multiplied with them; the rows' sums lie beside it.

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

inline constexpr std::int64_t q4_blocks_at_once = 8;
inline constexpr std::int64_t q4_rows_at_once = 56;

// Rows of a register tile, whose elements have two sums each: of a block in integers, of all blocks in float32. Where
// there are 32 registers both lie in them; with 16 it is faster to have as many rows as for int8, and float32 sums in
// memory.
template <class D>
inline constexpr int q4_tile_rows = D::tile_rows >= 8 ? D::tile_rows / 2 : D::tile_rows;

// Blocks of a panel that are being multiplied, and the sums of all rows with the blocks so far.
template <std::int64_t columns>
struct Q4Panel {
  alignas(64) std::int8_t weights[q4_blocks_at_once][q4_block_weights * columns];  // [block][K / 4][columns][4]
  alignas(64) float sums[q4_rows_at_once][columns];
};

// Bytes of the packed order to weights in [-8, 7]: a byte's lower four bits belong to the first half of the block's
// features, its upper four to the second.
template <std::int64_t columns>
void unpack_q4(const std::uint8_t* packed, std::int64_t blocks, Q4Panel<columns>& panel) {
  constexpr std::int64_t half = q4_block_weights / 2 * columns;
  for (std::int64_t b = 0; b < blocks; ++b, packed += half) {
    std::int8_t* out = panel.weights[b];
    for (std::int64_t i = 0; i < half; ++i) {
      out[i] = static_cast<std::int8_t>((packed[i] & 15) - q4_zero_point);
      out[half + i] = static_cast<std::int8_t>((packed[i] >> 4) - q4_zero_point);
    }
  }
}

// What the blocks of a panel are multiplied with, from a feature on.
struct Q4Step {
  const QuantizedRows& a;
  std::int64_t feature;  // of the first block
  std::int64_t blocks;
  const float* scale;                // [blocks, columns]
  const std::int32_t* compensation;  // [blocks, columns]
};

// Adds the products of `Rows` rows from `row` on to their sums at `sums`.
template <class S, class D, int Rows, int Vectors>
// NOLINTNEXTLINE(readability-function-size)
void tile_q4(const Q4Step& step, std::int64_t row, const std::int8_t* weights, float* sums) {
  using Integers = typename D::Integers;
  constexpr std::int64_t columns = Vectors * D::width;
  constexpr int groups = D::sums_in_int16 ? 2 : 1;  // at once: four products of at most 127 * 8 fit 16 bits
  const std::int64_t stride = step.a.stride;
  const float* scale = step.scale;
  const std::int32_t* compensation = step.compensation;
  const std::uint8_t* x[row_groups<Rows>];
  unrolled<row_groups<Rows>>([&](auto g)
                                 __attribute__((always_inline)) { x[g] = step.a.row(row + 3 * g) + step.feature; });
  typename S::Vector total[Rows][Vectors];
  unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
    unrolled<Vectors>([&](auto v)
                          __attribute__((always_inline)) { total[r][v] = S::load(sums + r * columns + v * D::width); });
  });
  for (std::int64_t b = 0; b < step.blocks; ++b, scale += columns, compensation += columns) {
    Integers sum[Rows][Vectors];
    unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
      unrolled<Vectors>([&](auto v)
                            __attribute__((always_inline)) { sum[r][v] = D::load(compensation + v * D::width); });
    });
    for (std::int64_t group = 0; group < q4_block_weights / k_group; group += groups) {
      Integers w[groups][Vectors];
      unrolled<groups * Vectors>([&](auto i) __attribute__((always_inline)) {
        w[i / Vectors][i % Vectors] = D::load(weights + i * D::width * k_group);
      });
      weights += groups * columns * k_group;
      unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
        const std::uint8_t* at = x[r / 3] + (r % 3) * stride;
        const Integers q = D::broadcast(at);
        if constexpr (groups == 2) {
          const Integers next = D::broadcast(at + k_group);
          unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
            sum[r][v] = D::dot(sum[r][v], q, w[0][v], next, w[1][v]);
          });
        } else {
          unrolled<Vectors>([&](auto v) __attribute__((always_inline)) { sum[r][v] = D::dot(sum[r][v], q, w[0][v]); });
        }
      });
      unrolled<row_groups<Rows>>([&](auto g) __attribute__((always_inline)) { x[g] += groups * k_group; });
    }
    unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
      unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
        total[r][v] = S::fma(D::to_float(sum[r][v]), S::load(scale + v * D::width), total[r][v]);
      });
    });
  }
  unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
    unrolled<Vectors>([&](auto v)
                          __attribute__((always_inline)) { S::store(sums + r * columns + v * D::width, total[r][v]); });
  });
}

// The functions for tiles of 1, 2, ... tile_rows rows.
template <class S, class D, int Vectors, int... Index>
constexpr auto q4_tiles(std::integer_sequence<int, Index...>) {
  return std::array{&tile_q4<S, D, Index + 1, Vectors>...};
}

// The product of all rows, at most q4_rows_at_once, with one panel. `first` is the number of the rows' first one in the
// output.
template <class S, class D, int Vectors>
void panel_q4(const QuantizedRows& a, std::int64_t first, const MatmulTask& task, std::int64_t column) {
  static constexpr auto tiles = q4_tiles<S, D, Vectors>(std::make_integer_sequence<int, q4_tile_rows<D>>{});
  constexpr std::int64_t columns = Vectors * D::width;
  const PackedMatrix& b = *task.b;
  const std::int64_t blocks = b.k / q4_block_weights;
  const auto* packed = b.template as<const std::uint8_t>() + column * b.k / 2;
  const std::int64_t tile_count = (a.rows + q4_tile_rows<D> - 1) / q4_tile_rows<D>;
  Q4Panel<columns> panel;
  std::fill_n(panel.sums[0], a.rows * columns, 0.0F);
  for (std::int64_t block = 0; block < blocks; block += q4_blocks_at_once) {
    const std::int64_t scales = column * blocks + block * columns;
    const Q4Step step{.a = a,
                      .feature = block * q4_block_weights,
                      .blocks = std::min(q4_blocks_at_once, blocks - block),
                      .scale = b.scale + scales,
                      .compensation = b.compensation + scales};
    unpack_q4(packed + block * columns * q4_block_weights / 2, step.blocks, panel);
    for (std::int64_t t = 0, row = 0; t < tile_count; ++t) {
      const std::int64_t height = (a.rows - row) / (tile_count - t);
      tiles[static_cast<std::size_t>(height - 1)](step, row, panel.weights[0], panel.sums[row]);
      row += height;
    }
  }
  finish_rows<S, silu_coarse<S>, Vectors>(task, column, [&](auto&& finish) {
    for (std::int64_t r = 0; r < a.rows; ++r) {
      const auto scale = S::set(a.scale[r * a.scale_stride]);
      typename S::Vector value[Vectors];
      unrolled<Vectors>([&](auto v) { value[v] = S::mul(S::load(panel.sums[r] + v * D::width), scale); });
      finish(first + r, value);
    }
  });
}

template <class S, class D>
void matmul_q4(const QuantizedRows& a, const MatmulTask& task) {
  for (std::int64_t first = 0; first < a.rows; first += q4_rows_at_once) {
    QuantizedRows rows = a;
    rows.data = a.row(first);
    rows.rows = std::min(q4_rows_at_once, a.rows - first);
    rows.scale = a.scale + first * a.scale_stride;
    for (std::int64_t column = 0; column < task.b->n; column += 2 * D::width) {
      const bool wide = column + D::width < task.b->n;
      wide ? panel_q4<S, D, 2>(rows, first, task, column) : panel_q4<S, D, 1>(rows, first, task, column);
    }
  }
}

}  // namespace
}  // namespace trm
