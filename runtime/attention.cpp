#include "runtime/attention.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/team.hpp"

namespace trm {

AttentionStateF32 take_attention_state_f32(Arena& arena, const KernelSet& kernels, const AttentionShape& shape) {
  AttentionStateF32 state;
  state.queries = {arena.take<float>(shape.tokens * shape.width()), shape.tokens, shape.width()};
  for (auto& [keys, values] : state.key_values) {
    keys = arena.take<float>(shape.num_heads * packed_elements(kernels, shape.tokens, shape.head_dim));
    values = arena.take<float>(shape.num_heads * packed_elements(kernels, shape.head_dim, shape.tokens));
  }
  return state;
}

void store_queries_keys_values(const KernelSet& kernels, const AttentionShape& shape, const RotaryTable& rotary,
                               MatrixView<float> qkv, std::int64_t first, const AttentionStateF32& state,
                               std::size_t parity) {
  const KeyValuesF32& key_values = state.key_values[parity];
  const std::int64_t vector = kernels.vector_columns, panel = 2 * vector;
  const std::int64_t dim = shape.head_dim;
  const std::int64_t rows = qkv.rows;
  for (std::int64_t head = 0; head < shape.num_heads; ++head) {
    const auto q = qkv.columns(head * dim, dim);
    const auto k = qkv.columns(shape.width() + head * dim, dim);
    const auto v = qkv.columns(2 * shape.width() + head * dim, dim);
    if (rotary.cos.data != nullptr) {
      const auto cos = rotary.cos.block(first, rows);
      const auto sin = rotary.sin.block(first, rows);
      kernels.rotate(q, cos, sin);
      kernels.rotate(k, cos, sin);
    }
    float* keys = key_values.keys + head * packed_elements(kernels, shape.tokens, dim);
    float* values = key_values.values + head * packed_elements(kernels, dim, shape.tokens);
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t token = first + r;
      std::copy_n(q.row(r), dim, state.queries.row(token) + head * dim);
      for (std::int64_t i = 0; i < dim; i += panel) {
        const auto place = packed_position(vector, dim, shape.tokens, i);
        std::copy_n(v.row(r) + i, std::min(panel, dim - i), values + place.offset + token * place.step);
      }
    }
    for (std::int64_t r = 0, count = 0; r < rows; r += count) {  // the tokens of a panel together
      const std::int64_t token = first + r;
      count = std::min(rows - r, panel - token % panel);
      const auto place = packed_position(vector, shape.tokens, dim, token);
      kernels.transpose(as_const(k.block(r, count)), {keys + place.offset, dim, count, place.step});
    }
  }
}

void attend(const KernelSet& kernels, const AttentionShape& shape, std::int64_t first, const AttentionStateF32& state,
            std::size_t parity, const Scratch& scratch, MatrixView<float> out) {
  const KeyValuesF32& key_values = state.key_values[parity];
  const auto queries = as_const(state.queries.block(first, out.rows));
  const std::int64_t dim = shape.head_dim;
  const float scale = 1.0F / std::sqrt(static_cast<float>(dim));
  const auto tiles = Blocks::split(out.rows, kernels.tile_rows, 1);
  for (std::int64_t head = 0; head < shape.num_heads; ++head) {
    const std::int64_t tokens = shape.tokens;
    const auto keys = packed_f32(key_values.keys + head * packed_elements(kernels, tokens, dim), tokens, dim);
    const auto values = packed_f32(key_values.values + head * packed_elements(kernels, dim, tokens), dim, tokens);
    for (std::int64_t tile = 0; tile < tiles.count; ++tile) {
      const std::int64_t row = tiles.begin(tile);
      const std::int64_t rows = tiles.size(tile);
      const MatrixView<float> scores(scratch.scores, rows, shape.tokens, row_distance(shape.tokens));
      const auto mixed = out.block(row, rows).columns(head * dim, dim);
      kernels.matmul_f32(queries.block(row, rows).columns(head * dim, dim), {.b = &keys, .out = scores});
      kernels.softmax(scores, scale, scratch.inverse_sum);
      kernels.matmul_f32(as_const(scores), {.b = &values, .out = mixed});
      kernels.scale_rows(mixed, scratch.inverse_sum);
    }
  }
}

}  // namespace trm
