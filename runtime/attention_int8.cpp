#include "runtime/attention_int8.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "runtime/team.hpp"

namespace trm {
namespace {

constexpr float largest_probability = 16383.0F;  // 2^14 - 1

std::int64_t padded_dim(const AttentionShape& shape) {
  return round_up(shape.head_dim, k_group);
}
std::int64_t padded_tokens(const AttentionShape& shape) {
  return round_up(shape.tokens, k_group);
}

// One head's part of KeyValuesInt8.
struct Head {
  std::int8_t* keys;
  float* key_scale;
  std::int32_t* key_compensation;
  std::int8_t* values;
  float* value_scale;
};

Head head_of(const KernelSet& kernels, const AttentionShape& shape, const KeyValuesInt8& kv, std::int64_t head) {
  const std::int64_t columns = round_up(shape.tokens, kernels.vector_columns);
  return {kv.keys + head * packed_bytes_int8(kernels, shape.tokens, shape.head_dim), kv.key_scale + head * columns,
          kv.key_compensation + head * columns,
          kv.values + head * packed_bytes_int8(kernels, shape.head_dim, shape.tokens),
          kv.value_scale + head * shape.tokens};
}

// Subtracts the zero point from each of four quantized bytes. The bytes' top bits, set meanwhile, keep a borrow from
// reaching the next byte.
std::uint32_t without_zero_point(std::uint32_t four) {
  return ((four | 0x80808080U) - 0x40404040U) ^ 0x80808080U;
}

// Stores one token's key as a column of the packed keys, a k-group at a time. q [head_dim rounded up to k_group].
void store_key(const KernelSet& kernels, const AttentionShape& shape, const std::uint8_t* q, std::int64_t token,
               const Head& head) {
  const std::int64_t dim = padded_dim(shape);
  const auto [offset, stride] = packed_position(kernels.vector_columns, shape.tokens, dim, token, k_group);
  std::int8_t* out = head.keys + offset;
  for (std::int64_t i = 0; i < dim; i += k_group, out += stride) {
    std::uint32_t four = 0;
    std::memcpy(&four, q + i, sizeof four);
    four = without_zero_point(four);
    std::memcpy(out, &four, sizeof four);
  }
  std::int32_t sum = 0;
  for (std::int64_t i = 0; i < dim; ++i) sum += q[i];
  const auto zero_points = static_cast<std::int32_t>(activation_zero_point * dim);
  head.key_compensation[token] = -activation_zero_point * (sum - zero_points);
}

// Stores the values of `count` tokens, of a whole k-group of tokens or of one, in every column of the packed values.
// q [head_dim]: the first token's, the others lie `q_stride` apart.
template <int count>
void store_value(const KernelSet& kernels, const AttentionShape& shape, const std::uint8_t* q, std::int64_t q_stride,
                 std::int64_t token, const Head& head) {
  const std::int64_t vector = kernels.vector_columns;
  const std::int64_t tokens = padded_tokens(shape);
  for (std::int64_t first = 0; first < shape.head_dim; first += 2 * vector, q += 2 * vector) {
    const auto [offset, stride] = packed_position(vector, shape.head_dim, tokens, first, k_group);
    std::int8_t* out = head.values + offset + token / k_group * stride + token % k_group;
    const std::int64_t columns = std::min(2 * vector, shape.head_dim - first);
    for (std::int64_t i = 0; i < columns; ++i, out += k_group) {
      std::uint32_t bytes = 0;
      for (int j = 0; j < count; ++j) bytes |= std::uint32_t{q[j * q_stride + i]} << (8 * j);
      bytes = without_zero_point(bytes);
      std::memcpy(out, &bytes, count);
    }
  }
}

void store_values(const KernelSet& kernels, const AttentionShape& shape, const QuantizedRows& rows, std::int64_t first,
                  const Head& head) {
  for (std::int64_t r = 0; r < rows.rows;) {
    if ((first + r) % k_group == 0 && r + k_group <= rows.rows) {
      store_value<k_group>(kernels, shape, rows.row(r), rows.stride, first + r, head);
      r += k_group;
    } else {
      store_value<1>(kernels, shape, rows.row(r), rows.stride, first + r, head);
      ++r;
    }
  }
}

// factor[T]: by which each token's probability is multiplied, so that it includes the scale of the token's value. The
// largest scale, which is returned, becomes 16383. If a scale is NaN, the largest is NaN.
float value_factors(const AttentionShape& shape, const float* scale, float* factor) {
  std::int32_t top =
      0;  // scales are >= 0, so that their bits, read as integers, are in the same order, with NaN above all
  for (std::int64_t t = 0; t < shape.tokens; ++t) top = std::max(top, std::bit_cast<std::int32_t>(scale[t]));
  const auto largest = std::bit_cast<float>(top);
  for (std::int64_t t = 0; t < shape.tokens; ++t) {
    factor[t] = largest > 0.0F ? largest_probability * (scale[t] / largest) : 0.0F;
  }
  return largest;
}

}  // namespace

AttentionStateInt8 take_attention_state_int8(Arena& arena, const KernelSet& kernels, const AttentionShape& shape) {
  const std::int64_t columns = round_up(shape.tokens, kernels.vector_columns);
  AttentionStateInt8 state{.kernels = &kernels, .shape = shape};
  state.queries = arena.take<std::uint8_t>(shape.tokens * shape.num_heads * padded_dim(shape));
  state.query_scale = arena.take<float>(shape.tokens * shape.num_heads);
  for (auto& kv : state.key_values) {
    kv.keys = arena.take<std::int8_t>(shape.num_heads * packed_bytes_int8(kernels, shape.tokens, shape.head_dim));
    kv.key_scale = arena.take<float>(shape.num_heads * columns);
    kv.key_compensation = arena.take<std::int32_t>(shape.num_heads * columns);
    kv.values = arena.take<std::int8_t>(shape.num_heads * packed_bytes_int8(kernels, shape.head_dim, shape.tokens));
    kv.value_scale = arena.take<float>(shape.num_heads * shape.tokens);
  }
  const std::int64_t dim = round_up(shape.head_dim, kernels.vector_columns);
  state.ones = arena.take<float>(dim);
  state.zeros = arena.take<std::int32_t>(dim);
  if (!arena.counting()) std::fill_n(state.ones, dim, 1.0F);
  return state;
}

void store_queries_keys_values(const AttentionStateInt8& state, std::size_t layer, const RotaryTable& rotary,
                               MatrixView<float> qkv, std::int64_t first, const Scratch& scratch) {
  const KernelSet& kernels = *state.kernels;
  const AttentionShape& shape = state.shape;
  const std::int64_t dim = shape.head_dim;
  const std::int64_t rows = qkv.rows;
  const std::int64_t query_stride = shape.num_heads * padded_dim(shape);
  const QuantizedRows row_of_bytes{.data = scratch.quantized,
                                   .rows = rows,
                                   .cols = dim,
                                   .stride = padded_dim(shape),
                                   .scale = scratch.quantized_scale};
  std::memset(scratch.quantized, activation_zero_point, static_cast<std::size_t>(rows * padded_dim(shape)));  // padding
  for (std::int64_t h = 0; h < shape.num_heads; ++h) {
    const auto [q, k, v] = rotated_head(kernels, shape, rotary, qkv, first, h);
    kernels.quantize(as_const(q), {.data = state.queries + first * query_stride + h * padded_dim(shape),
                                   .rows = rows,
                                   .cols = dim,
                                   .stride = query_stride,
                                   .scale = state.query_scale + first * shape.num_heads + h,
                                   .scale_stride = shape.num_heads});
    const Head head = head_of(kernels, shape, state.key_values[layer % 2], h);
    kernels.quantize(as_const(k), row_of_bytes);
    for (std::int64_t r = 0; r < rows; ++r) store_key(kernels, shape, row_of_bytes.row(r), first + r, head);
    std::copy_n(row_of_bytes.scale, rows, head.key_scale + first);
    kernels.quantize(as_const(v), row_of_bytes);
    store_values(kernels, shape, row_of_bytes, first, head);
    std::copy_n(row_of_bytes.scale, rows, head.value_scale + first);
  }
}

void attend(const AttentionStateInt8& state, std::size_t layer, std::int64_t first, const Scratch& scratch,
            MatrixView<float> out) {
  const KernelSet& kernels = *state.kernels;
  const AttentionShape& shape = state.shape;
  const std::int64_t dim = shape.head_dim;
  const std::int64_t query_stride = shape.num_heads * padded_dim(shape);
  const auto tiles = Blocks::split(out.rows, kernels.tile_rows, 1);
  const std::int64_t padded = round_up(shape.tokens, probability_group(kernels));
  QuantizedRows high{.data = scratch.high, .cols = padded, .stride = padded, .scale = scratch.high_scale};
  QuantizedRows low{.data = scratch.low, .cols = padded, .stride = padded, .scale = scratch.low_scale};
  const MatrixView<float> all_scores(scratch.scores, kernels.tile_rows, padded);
  for (std::int64_t r = 0; r < all_scores.rows; ++r) {
    std::fill(all_scores.row(r) + shape.tokens, all_scores.row(r) + padded, -std::numeric_limits<float>::infinity());
  }
  for (std::int64_t h = 0; h < shape.num_heads; ++h) {
    const Head head = head_of(kernels, shape, state.key_values[layer % 2], h);
    PackedMatrix keys, values;
    keys.n = values.k = shape.tokens;
    keys.k = values.n = dim;
    keys.data = reinterpret_cast<std::byte*>(head.keys);
    keys.scale = head.key_scale;
    keys.compensation = head.key_compensation;
    values.data = reinterpret_cast<std::byte*>(head.values);
    values.scale = state.ones;
    values.compensation = state.zeros;
    const float largest = value_factors(shape, head.value_scale, scratch.value_factor);
    for (std::int64_t tile = 0; tile < tiles.count; ++tile) {
      const std::int64_t row = tiles.begin(tile);
      const std::int64_t rows = tiles.size(tile);
      const auto scores = all_scores.block(0, rows);
      const auto mixed = out.block(row, rows).columns(h * dim, dim);
      const QuantizedRows queries{.data = state.queries + (first + row) * query_stride + h * padded_dim(shape),
                                  .rows = rows,
                                  .cols = dim,
                                  .stride = query_stride,
                                  .scale = state.query_scale + (first + row) * shape.num_heads + h,
                                  .scale_stride = shape.num_heads};
      kernels.matmul_int8(queries, {.b = &keys, .out = scores.columns(0, shape.tokens)});
      mask_later_tokens(shape, scores, first + row);
      high.rows = low.rows = rows;
      kernels.probabilities(as_const(scores), shape.score_scale(), scratch.value_factor, high, low,
                            scratch.inverse_sum);
      for (std::int64_t r = 0; r < rows; ++r) {
        low.scale[r] = largest * scratch.inverse_sum[r] / largest_probability;
        high.scale[r] = 128.0F * low.scale[r];
      }
      kernels.matmul_int8(high, {.b = &values, .out = mixed});
      kernels.matmul_int8(low, {.b = &values, .out = mixed, .residual = as_const(mixed), .epilogue = Epilogue::add});
    }
  }
}

}  // namespace trm
