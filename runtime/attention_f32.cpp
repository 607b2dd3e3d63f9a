#include "runtime/attention_f32.hpp"

#include <algorithm>

#include "runtime/kernels/packed_matrix.hpp"

namespace trm {

AttentionStateF32 take_attention_state_f32(Arena& arena, const KernelSet& kernels, const AttentionShape& shape) {
  AttentionStateF32 state{.kernels = &kernels, .shape = shape};
  state.queries = {arena.take<float>(shape.tokens * shape.width()), shape.tokens, shape.width()};
  for (auto& [keys, values] : state.key_values) {
    keys = arena.take<float>(shape.num_heads * packed_elements(kernels, shape.tokens, shape.head_dim));
    values = arena.take<float>(shape.num_heads * packed_elements(kernels, shape.head_dim, shape.tokens));
  }
  return state;
}

void store_queries_keys_values(const AttentionStateF32& state, std::size_t layer, const RotaryTable& rotary,
                               MatrixView<float> qkv, std::int64_t first, const Scratch& /*scratch*/) {
  const KernelSet& kernels = *state.kernels;
  const AttentionShape& shape = state.shape;
  const KeyValuesF32& key_values = state.key_values[layer % 2];
  const std::int64_t vector = kernels.vector_columns, panel = 2 * vector;
  const std::int64_t dim = shape.head_dim;
  const std::int64_t rows = qkv.rows;
  for (std::int64_t head = 0; head < shape.num_heads; ++head) {
    const auto [q, k, v] = rotated_head(kernels, shape, rotary, qkv, first, head);
    float* keys = key_values.keys + head * packed_elements(kernels, shape.tokens, dim);
    float* values = key_values.values + head * packed_elements(kernels, dim, shape.tokens);
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t token = first + r;
      std::copy_n(q.row(r), dim, state.queries.row(token) + head * dim);
      for (std::int64_t i = 0; i < dim; i += panel) {
        const auto place = packed_position(vector, dim, shape.tokens, i);
        std::copy_n(v.row(r) + i, std::min(panel, dim - i), values + place.offset + token * place.stride);
      }
    }
    for (std::int64_t r = 0, count = 0; r < rows; r += count) {  // all tokens of a panel at once
      const std::int64_t token = first + r;
      count = std::min(rows - r, panel - token % panel);
      const auto place = packed_position(vector, shape.tokens, dim, token);
      kernels.transpose(as_const(k.block(r, count)), {keys + place.offset, dim, count, place.stride});
    }
  }
}

void attend(const AttentionStateF32& state, std::size_t layer, std::int64_t first, const Scratch& scratch,
            MatrixView<float> out) {
  const KernelSet& kernels = *state.kernels;
  const AttentionShape& shape = state.shape;
  const KeyValuesF32& key_values = state.key_values[layer % 2];
  const auto queries = as_const(state.queries.block(first, out.rows));
  const std::int64_t dim = shape.head_dim;
  const MatrixView<float> scores(scratch.scores, out.rows, shape.tokens, row_stride(shape.tokens));
  for (std::int64_t head = 0; head < shape.num_heads; ++head) {
    const std::int64_t tokens = shape.tokens;
    const auto keys = packed_f32(key_values.keys + head * packed_elements(kernels, tokens, dim), tokens, dim);
    const auto values = packed_f32(key_values.values + head * packed_elements(kernels, dim, tokens), dim, tokens);
    const auto mixed = out.columns(head * dim, dim);
    kernels.matmul_f32(queries.columns(head * dim, dim), {.b = &keys, .out = scores});
    mask_later_tokens(shape, scores, first);
    kernels.softmax(scores, shape.score_scale(), scratch.inverse_sum);
    kernels.matmul_f32(as_const(scores), {.b = &values, .out = mixed});
    kernels.scale_rows(mixed, scratch.inverse_sum);
  }
}

}  // namespace trm
