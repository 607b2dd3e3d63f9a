#pragma once
// matmul_int8.hpp for NEON with i8mm: smmla multiplies two rows by two columns over
// eight features, 32 products an instruction where sdot does 16. Its sums are squares
// of two rows and two columns, where those of the other sets are columns of one row: hence a tile of its own.

#include <arm_neon.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "runtime/kernels/epilogue.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/kernels/simd_neon.hpp"
#include "runtime/kernels/tiles.hpp"
#include "runtime/kernels/unrolled.hpp"

namespace trm {
namespace {

struct I8mm {
  static constexpr std::int64_t width = Neon::width;
  static constexpr int tile_rows = 12;  // 6 x 4 squares, 4 of weights and one of activations in 32 registers

  // The next `Groups` k-groups of two rows. Bytes up to 127 are signed bytes, too.
  template <int Groups>
  static int8x16_t rows(const std::uint8_t* first, const std::uint8_t* second) {
    std::uint64_t low = 0, high = 0;
    std::memcpy(&low, first, Groups * k_group);
    std::memcpy(&high, second, Groups * k_group);
    return vreinterpretq_s8_u64(vcombine_u64(vcreate_u64(low), vcreate_u64(high)));
  }
};

// One register tile, of `Rows` rows and `Vectors` vectors of columns; if the number of rows is odd, the last row
// is multiplied twice.
template <int Rows, int Vectors>
void tile_i8mm(const QuantizedRows& a, const MatmulTask& task, const std::int8_t* panel, const Tile& tile) {
  const PackedMatrix& b = *task.b;
  constexpr std::int64_t group_bytes = Vectors * I8mm::width * k_group;  // of a panel, for a k-group
  const std::int64_t groups = round_up(b.k, k_group) / k_group;
  constexpr int pairs = (Rows + 1) / 2;

  int32x4_t sum[pairs][Vectors][2];  // [..][v][h]: columns 4v + 2h and the next, of a row, then of the other
  const std::uint8_t* x[pairs];
  unrolled<pairs>([&](auto p) __attribute__((always_inline)) {
    x[p] = a.row(tile.row + 2 * p);
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
      const int64x2_t compensation = vreinterpretq_s64_s32(vld1q_s32(b.compensation + tile.column + v * I8mm::width));
      sum[p][v][0] = vreinterpretq_s32_s64(vdupq_laneq_s64(compensation, 0));
      sum[p][v][1] = vreinterpretq_s32_s64(vdupq_laneq_s64(compensation, 1));
    });
  });

  Prefetch prefetch(panel + groups * group_bytes, groups / 2, tile);
  // Adds the products of the next `Groups` k-groups, two or one, to the sums.
  const auto advance = [&]<int Groups>(std::integral_constant<int, Groups>) __attribute__((always_inline)) {
    int8x16_t w[Vectors][2];
    unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
      const int32x4_t first = vreinterpretq_s32_s8(vld1q_s8(panel + v * 16));
      int32x4_t second = vdupq_n_s32(0);
      if constexpr (Groups == 2) second = vreinterpretq_s32_s8(vld1q_s8(panel + group_bytes + v * 16));
      w[v][0] = vreinterpretq_s8_s32(vzip1q_s32(first, second));
      w[v][1] = vreinterpretq_s8_s32(vzip2q_s32(first, second));
    });
    unrolled<pairs>([&](auto p) __attribute__((always_inline)) {
      const int8x16_t q = I8mm::rows<Groups>(x[p], x[p] + (2 * p + 1 < Rows ? a.stride : 0));
      unrolled<2 * Vectors>([&](auto i) __attribute__((always_inline)) {
        sum[p][i / 2][i % 2] = vmmlaq_s32(sum[p][i / 2][i % 2], q, w[i / 2][i % 2]);
      });
      x[p] += Groups * k_group;
    });
    panel += Groups * group_bytes;
  };
  std::int64_t i = 0;
  for (; i + 2 <= groups; i += 2) {
    prefetch.turn();
    advance(std::integral_constant<int, 2>{});
  }
  if (i < groups) advance(std::integral_constant<int, 1>{});

  const float* row_scale = a.scale + tile.row * a.scale_stride;
  const std::int64_t scale_stride = a.scale_stride;
  Neon::Vector column_scale[Vectors];
  for (int v = 0; v < Vectors; ++v) column_scale[v] = Neon::load(b.scale + tile.column + v * I8mm::width);
  finish_tile<Neon, silu_coarse<Neon>, Rows, Vectors>(
      task, tile, [&](auto r, auto& value) __attribute__((always_inline)) {
        const auto scale = Neon::set(row_scale[r * scale_stride]);
        unrolled<Vectors>([&](auto v) __attribute__((always_inline)) {
          const auto left = vreinterpretq_s64_s32(sum[r / 2][v][0]), right = vreinterpretq_s64_s32(sum[r / 2][v][1]);
          const int64x2_t row = r % 2 == 0 ? vzip1q_s64(left, right) : vzip2q_s64(left, right);
          value[v] = Neon::mul(vcvtq_f32_s32(vreinterpretq_s32_s64(row)), Neon::mul(scale, column_scale[v]));
        });
      });
}

// The functions for tiles of 1, 2, ... tile_rows rows.
template <int Vectors, int... Index>
constexpr auto i8mm_tiles(std::integer_sequence<int, Index...>) {
  return std::array{&tile_i8mm<Index + 1, Vectors>...};
}

void matmul_int8_i8mm(const QuantizedRows& a, const MatmulTask& task) {
  static constexpr auto wide = i8mm_tiles<2>(std::make_integer_sequence<int, I8mm::tile_rows>{});
  static constexpr auto narrow = i8mm_tiles<1>(std::make_integer_sequence<int, I8mm::tile_rows>{});
  const auto* data = task.b->as<const std::int8_t>();
  const std::int64_t k = round_up(task.b->k, k_group);
  constexpr std::int64_t turn_bytes = 2 * I8mm::width * k_pair;
  for_tiles<I8mm>(a.rows, task.b->n, turn_bytes, [&](const Tile& tile) {
    const auto& tiles = tile.wide ? wide : narrow;
    tiles[static_cast<std::size_t>(tile.height - 1)](a, task, data + tile.column * k, tile);
  });
}

}  // namespace
}  // namespace trm
