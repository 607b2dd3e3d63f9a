#include "runtime/attention_int8.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/team.hpp"

namespace trm {
namespace {

std::int64_t padded_dim(const AttentionShape& shape) {
  return round_up(shape.head_dim, features_together);
}
std::int64_t padded_tokens(const AttentionShape& shape) {
  return round_up(shape.tokens, features_together);
}

// The parts of one head.
struct Head {
  std::int8_t* keys;
  float* key_scale;
  std::int32_t* key_start;
  std::int8_t* values;
  float* value_scale;
};

Head head_of(const KernelSet& kernels, const AttentionShape& shape, const KeyValuesInt8& kv, std::int64_t head) {
  const std::int64_t columns = round_up(shape.tokens, kernels.vector_columns);
  return {kv.keys + head * packed_bytes_int8(kernels, shape.tokens, shape.head_dim), kv.key_scale + head * columns,
          kv.key_start + head * columns, kv.values + head * packed_bytes_int8(kernels, shape.head_dim, shape.tokens),
          kv.value_scale + head * shape.tokens};
}

// One token's key becomes a column of the packed keys, four features at a time.
void store_key(const KernelSet& kernels, const AttentionShape& shape, const std::uint8_t* q, std::int64_t token,
               const Head& head) {
  const std::int64_t dim = padded_dim(shape);
  const auto [offset, step] = packed_position(kernels.vector_columns, shape.tokens, dim, token, features_together);
  std::int32_t sum = 0;
  for (std::int64_t i = 0; i < dim; i += features_together) {
    std::int8_t four[features_together];
    for (std::int64_t j = 0; j < features_together; ++j) {
      four[j] = static_cast<std::int8_t>(i + j < shape.head_dim ? q[i + j] - activation_zero_point : 0);
      sum += four[j];
    }
    std::memcpy(head.keys + offset + i / features_together * step, four, sizeof four);
  }
  head.key_start[token] = -activation_zero_point * sum;
}

// One token's value becomes a feature of every column of the packed values.
void store_value(const KernelSet& kernels, const AttentionShape& shape, const std::uint8_t* q, std::int64_t token,
                 const Head& head) {
  const std::int64_t vector = kernels.vector_columns;
  const std::int64_t tokens = padded_tokens(shape);
  for (std::int64_t first = 0; first < shape.head_dim; first += 2 * vector) {
    const auto [offset, step] = packed_position(vector, shape.head_dim, tokens, first, features_together);
    auto* out = head.values + offset + token / features_together * step + token % features_together;
    const std::int64_t count = std::min(2 * vector, shape.head_dim - first);
    for (std::int64_t i = 0; i < count; ++i) {
      out[i * features_together] = static_cast<std::int8_t>(q[first + i] - activation_zero_point);
    }
  }
}

}  // namespace

AttentionStateInt8 take_attention_state_int8(Arena& arena, const KernelSet& kernels, const AttentionShape& shape) {
  const std::int64_t columns = round_up(shape.tokens, kernels.vector_columns);
  AttentionStateInt8 state;
  state.queries = arena.take<std::uint8_t>(shape.tokens * shape.num_heads * padded_dim(shape));
  state.query_scale = arena.take<float>(shape.tokens * shape.num_heads);
  for (auto& kv : state.key_values) {
    kv.keys = arena.take<std::int8_t>(shape.num_heads * packed_bytes_int8(kernels, shape.tokens, shape.head_dim));
    kv.key_scale = arena.take<float>(shape.num_heads * columns);
    kv.key_start = arena.take<std::int32_t>(shape.num_heads * columns);
    kv.values = arena.take<std::int8_t>(shape.num_heads * packed_bytes_int8(kernels, shape.head_dim, shape.tokens));
    kv.value_scale = arena.take<float>(shape.num_heads * shape.tokens);
  }
  const std::int64_t dim = round_up(shape.head_dim, kernels.vector_columns);
  state.ones = arena.take<float>(dim);
  state.zeros = arena.take<std::int32_t>(dim);
  if (!arena.counting()) std::fill_n(state.ones, dim, 1.0F);
  return state;
}

void store_queries_keys_values(const KernelSet& kernels, const AttentionShape& shape, const RotaryTable& rotary,
                               MatrixView<float> qkv, std::int64_t first, const AttentionStateInt8& state,
                               std::size_t parity, const Scratch& scratch) {
  const std::int64_t dim = shape.head_dim;
  const std::int64_t rows = qkv.rows;
  const std::int64_t query_stride = shape.num_heads * padded_dim(shape);
  const QuantizedRows row_of_bytes{.data = scratch.quantized,
                                   .rows = rows,
                                   .cols = dim,
                                   .stride = padded_dim(shape),
                                   .scale = scratch.quantized_scale};
  for (std::int64_t h = 0; h < shape.num_heads; ++h) {
    const auto q = qkv.columns(h * dim, dim);
    const auto k = qkv.columns(shape.width() + h * dim, dim);
    const auto v = qkv.columns(2 * shape.width() + h * dim, dim);
    if (rotary.cos.data != nullptr) {
      const auto cos = rotary.cos.block(first, rows);
      const auto sin = rotary.sin.block(first, rows);
      kernels.rotate(q, cos, sin);
      kernels.rotate(k, cos, sin);
    }
    kernels.quantize(as_const(q), {.data = state.queries + first * query_stride + h * padded_dim(shape),
                                   .rows = rows,
                                   .cols = dim,
                                   .stride = query_stride,
                                   .scale = state.query_scale + first * shape.num_heads + h,
                                   .scale_stride = shape.num_heads});
    const Head head = head_of(kernels, shape, state.key_values[parity], h);
    kernels.quantize(as_const(k), row_of_bytes);
    for (std::int64_t r = 0; r < rows; ++r) {
      store_key(kernels, shape, row_of_bytes.row(r), first + r, head);
      head.key_scale[first + r] = row_of_bytes.scale[r];
    }
    kernels.quantize(as_const(v), row_of_bytes);
    for (std::int64_t r = 0; r < rows; ++r) {
      store_value(kernels, shape, row_of_bytes.row(r), first + r, head);
      head.value_scale[first + r] = row_of_bytes.scale[r];
    }
  }
}

void attend(const KernelSet& kernels, const AttentionShape& shape, std::int64_t first, const AttentionStateInt8& state,
            std::size_t parity, const Scratch& scratch, MatrixView<float> out) {
  const std::int64_t dim = shape.head_dim;
  const std::int64_t query_stride = shape.num_heads * padded_dim(shape);
  const float score_scale = 1.0F / std::sqrt(static_cast<float>(dim));
  const auto tiles = Blocks::split(out.rows, kernels.tile_rows, 1);
  QuantizedRows high{
      .data = scratch.high, .cols = shape.tokens, .stride = padded_tokens(shape), .scale = scratch.high_scale};
  QuantizedRows low{
      .data = scratch.low, .cols = shape.tokens, .stride = padded_tokens(shape), .scale = scratch.low_scale};
  for (std::int64_t h = 0; h < shape.num_heads; ++h) {
    const Head head = head_of(kernels, shape, state.key_values[parity], h);
    PackedMatrix keys, values;
    keys.n = values.k = shape.tokens;
    keys.k = values.n = dim;
    keys.data = reinterpret_cast<std::byte*>(head.keys);
    keys.scale = head.key_scale;
    keys.start = head.key_start;
    values.data = reinterpret_cast<std::byte*>(head.values);
    values.scale = state.ones;
    values.start = state.zeros;
    // A token's value scale goes into its probability, relative to the largest.
    float largest = 0.0F;  // NaN if one of them is: then every row is
    for (std::int64_t t = 0; t < shape.tokens; ++t) {
      if (head.value_scale[t] > largest || std::isnan(head.value_scale[t])) largest = head.value_scale[t];
    }
    for (std::int64_t t = 0; t < shape.tokens; ++t) {
      scratch.value_factor[t] = largest > 0.0F ? head.value_scale[t] / largest : 0.0F;
    }
    for (std::int64_t tile = 0; tile < tiles.count; ++tile) {
      const std::int64_t row = tiles.begin(tile);
      const std::int64_t rows = tiles.size(tile);
      const MatrixView<float> scores(scratch.scores, rows, shape.tokens);
      const auto mixed = out.block(row, rows).columns(h * dim, dim);
      const QuantizedRows queries{.data = state.queries + (first + row) * query_stride + h * padded_dim(shape),
                                  .rows = rows,
                                  .cols = dim,
                                  .stride = query_stride,
                                  .scale = state.query_scale + (first + row) * shape.num_heads + h,
                                  .scale_stride = shape.num_heads};
      kernels.matmul_int8(queries, {.b = &keys, .out = scores});
      kernels.softmax(scores, score_scale, scratch.inverse_sum);
      high.rows = low.rows = rows;
      kernels.split(as_const(scores), scratch.value_factor, high, low);
      for (std::int64_t r = 0; r < rows; ++r) {
        high.scale[r] = largest * scratch.inverse_sum[r] / 127.0F;
        low.scale[r] = high.scale[r] / 127.0F;
      }
      kernels.matmul_int8(high, {.b = &values, .out = mixed});
      kernels.matmul_int8(low, {.b = &values, .out = mixed, .residual = as_const(mixed), .epilogue = Epilogue::add});
    }
  }
}

}  // namespace trm
