#pragma once
// Mamba-2's recursion a chunk of tokens at a time, as products of matrices (the "state space dual" form of arXiv
// 2405.21060, section 6), over the vectors of simd_*.hpp. Contract: kernel_set.hpp.
//
// With S [d_state, head_dim] the state before a chunk and w(t, s) = dt[s] decay[s + 1] .. decay[t], for s <= t:
//   y[t] = sum_s w(t, s) (c[t] . b[s]) x[s] + d x[t] + decay[first] .. decay[t] c[t] S
//   S   <- decay[first] .. decay[last] S + sum_s w(last, s) b[s]^T x[s]
// The first is one product of `left` [tokens, d_state + tokens] with S over the chunk's x. A chunk has at most as many
// tokens as a panel has columns, so that b transposed is a packed right-hand side for c b^T and, row by row, the
// left-hand side of the update.

#include <algorithm>
#include <array>
#include <cstdint>

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/matmul_f32.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/kernels/row_kernels.hpp"
#include "runtime/kernels/scan_layout.hpp"

namespace trm {
namespace {

// Products of decays below this count as 0, so that none becomes a subnormal number, which would be slow.
inline constexpr float faded = 1e-30F;

template <class S>
inline constexpr std::int64_t scan_chunk = 2 * S::width;

// For t in [0, scan_chunk), one_hot<S>.data() + scan_chunk - 1 - t points at a row that is 1 at t, else 0.
template <class S>
inline constexpr auto one_hot = [] {
  std::array<float, 2 * scan_chunk<S> - 1> row{};
  row[scan_chunk<S> - 1] = 1;
  return row;
}();

// The tokens of a chunk, and its buffers.
struct ScanChunk {
  std::int64_t first;
  std::int64_t count;
  MatrixView<float> b;       // [d_state, count], b transposed
  MatrixView<float> scores;  // [count, scan_chunk], c b^T; columns from `count` on are undefined
  MatrixView<float> left;    // [count, d_state + count]; the rows have room for d_state + scan_chunk
  float* weight;             // [scan_chunk]: w(last, s)
};

// Computes what all heads share: b transposed and the scores.
template <class S>
void begin_chunk(const ScanTask& task, const ScanChunk& chunk) {
  transpose<S>(task.b.block(chunk.first, chunk.count), chunk.b);
  const PackedMatrix b = packed_f32(chunk.b.data, scan_chunk<S>, chunk.b.rows);
  matmul_f32<S>(task.c.block(chunk.first, chunk.count), {.b = &b, .out = chunk.scores});
}

// Fills chunk.left and chunk.weight for a head. Returns the product of all decays, by which its state is multiplied.
template <class S>
float weigh(const ScanTask& task, const ScanChunk& chunk, std::int64_t head) {
  const std::int64_t d_state = task.c.cols;
  const auto d = S::set(task.d[head]), least = S::set(-faded);
  float carried = 1;
  typename S::Vector weight[2] = {S::zero(), S::zero()};
  for (std::int64_t t = 0; t < chunk.count; ++t) {
    const float decay = task.decay.row(chunk.first + t)[head];
    carried = std::max(carried * decay - faded, 0.0F);
    float* row = chunk.left.row(t);
    const float* c = task.c.row(chunk.first + t);
    along<S>(d_state,
             [&](auto... place) { store_to<S>(row, S::mul(S::set(carried), load_from<S>(c, place...)), place...); });
    const auto dt = S::set(task.dt.row(chunk.first + t)[head]);
    for (std::int64_t v = 0; v < 2; ++v) {
      const auto here = S::load(one_hot<S>.data() + scan_chunk<S> - 1 - t + v * S::width);
      weight[v] = S::fma(dt, here, S::max(S::zero(), S::fma(weight[v], S::set(decay), least)));
      const auto scores = S::load(chunk.scores.row(t) + v * S::width);
      S::store(row + d_state + v * S::width, S::fma(weight[v], scores, S::mul(d, here)));
    }
  }
  for (std::int64_t v = 0; v < 2; ++v) S::store(chunk.weight + v * S::width, weight[v]);
  return carried;
}

// One panel of a head's columns. x and y [tokens, columns]; right [d_state + scan_chunk, panel] holds the state, which
// does not exist before the first chunk and is not read there, above the chunk's x.
template <class S>
void scan_panel(const ScanChunk& chunk, MatrixView<const float> x, MatrixView<float> y, float carried, bool last,
                float* right, float* weighted) {
  const std::int64_t d_state = chunk.b.rows;
  const std::int64_t before = chunk.first == 0 ? 0 : d_state;  // rows of the state before the chunk
  const std::int64_t stride = y.cols > S::width ? 2 * S::width : S::width;
  for (std::int64_t s = 0; s < chunk.count; ++s) {
    const auto weight = S::set(chunk.weight[s]);
    along<S>(y.cols, [&](auto... place) {
      const auto v = load_from<S>(x.row(s), place...);
      store_to<S>(right + (d_state + s) * stride, v, place...);
      store_to<S>(weighted + s * stride, S::mul(weight, v), place...);
    });
  }
  const PackedMatrix state_and_x = packed_f32(right + (d_state - before) * stride, y.cols, before + chunk.count);
  matmul_f32<S>(as_const(chunk.left.columns(d_state - before, before + chunk.count)), {.b = &state_and_x, .out = y});
  if (last) return;
  scale_row<S>(right, before * stride, carried);
  const MatrixView<float> state(right, d_state, y.cols, stride);
  const PackedMatrix x_weighted = packed_f32(weighted, y.cols, chunk.count);
  matmul_f32<S>(as_const(chunk.b), {.b = &x_weighted,
                                    .out = state,
                                    .residual = as_const(state),
                                    .epilogue = before == 0 ? Epilogue::store : Epilogue::add});
}

template <class S>
void scan(const ScanTask& task) {
  const std::int64_t tokens = task.x.rows, heads = task.dt.cols, head_dim = task.x.cols / heads;
  const std::int64_t d_state = task.b.cols;
  const ScanLayout at = scan_layout(S::width, heads, head_dim, d_state);
  float* const buffers = task.scratch;
  const std::int64_t chunks = (tokens + scan_chunk<S> - 1) / scan_chunk<S>;
  for (std::int64_t i = 0; i < chunks; ++i) {
    const std::int64_t first = tokens * i / chunks, count = tokens * (i + 1) / chunks - first;
    const ScanChunk chunk{.first = first,
                          .count = count,
                          .b = {buffers + at.b, d_state, count, scan_chunk<S>},
                          .scores = {buffers + at.scores, count, scan_chunk<S>},
                          .left = {buffers + at.left, count, d_state + count, at.left_stride},
                          .weight = buffers + at.weight};
    begin_chunk<S>(task, chunk);
    for (std::int64_t head = 0; head < heads; ++head) {
      const float carried = weigh<S>(task, chunk, head);
      float* right = buffers + at.right + head * at.right_of_head;
      for (std::int64_t column = 0; column < head_dim; column += 2 * S::width) {
        const std::int64_t columns = std::min(2 * S::width, head_dim - column);
        const auto x = task.x.columns(head * head_dim + column, columns).block(first, count);
        const auto y = task.y.columns(head * head_dim + column, columns).block(first, count);
        scan_panel<S>(chunk, x, y, carried, i + 1 == chunks, right + column * (d_state + scan_chunk<S>),
                      buffers + at.weighted);
      }
    }
  }
}

}  // namespace
}  // namespace trm
