#include "runtime/attention_int8.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "runtime/team.hpp"

namespace trm {
namespace {

std::int64_t padded_dim(const AttentionShape& shape) {
  return round_up(shape.head_dim, k_group);
}

// Chunk c of the keys.
struct Chunk {
  std::int64_t first;
  std::int64_t tokens;
};
std::int64_t chunk_count(const AttentionShape& shape) {
  return (shape.tokens + key_chunk - 1) / key_chunk;
}
Chunk chunk_of(const AttentionShape& shape, std::int64_t c) {
  return {c * key_chunk, std::min(key_chunk, shape.tokens - c * key_chunk)};
}

// See attention_int8.hpp. Causal attention keeps fourteen bits: the mean of all values is partly of later tokens.
bool long_rows(const AttentionShape& shape) {
  return shape.tokens > key_chunk && !shape.causal;
}
constexpr float unit_of_eight_bits = 255.0F;  // of value_factors

bool one_plane(const KernelSet& kernels, const AttentionShape& shape) {
  return long_rows(shape) && kernels.eight_bit_rows;
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

// Stores the values of `count` tokens, of a whole k-group of tokens or of one, in every column of their chunk's packed
// values. q [head_dim]: the first token's, the others lie `q_stride` apart.
template <int count>
void store_value(const KernelSet& kernels, const AttentionShape& shape, const std::uint8_t* q, std::int64_t q_stride,
                 std::int64_t token, const Head& head) {
  const std::int64_t vector = kernels.vector_columns;
  const Chunk chunk = chunk_of(shape, token / key_chunk);
  const std::int64_t row = token - chunk.first;
  std::int8_t* values = head.values + packed_bytes_int8(kernels, shape.head_dim, chunk.first);
  for (std::int64_t first = 0; first < shape.head_dim; first += 2 * vector, q += 2 * vector) {
    const auto [offset, stride] =
        packed_position(vector, shape.head_dim, round_up(chunk.tokens, k_group), first, k_group);
    std::int8_t* out = values + offset + row / k_group * stride + row % k_group;
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
// largest scale, which is returned, becomes `unit`. If a scale is NaN, the largest is NaN.
float value_factors(const AttentionShape& shape, const float* scale, float unit, float* factor) {
  // Scales are >= 0: their bits, read as integers, have the same order, and NaN is above all numbers.
  std::int32_t top = 0;
  for (std::int64_t t = 0; t < shape.tokens; ++t) top = std::max(top, std::bit_cast<std::int32_t>(scale[t]));
  const auto largest = std::bit_cast<float>(top);
  for (std::int64_t t = 0; t < shape.tokens; ++t) {
    factor[t] = largest > 0.0F ? unit * (scale[t] / largest) : 0.0F;
  }
  return largest;
}

// One head's keys and values as right-hand sides, chunk by chunk.
class PackedHead {
 public:
  PackedHead(const AttentionStateInt8& state, std::size_t layer, std::int64_t head)
      : kernels_(*state.kernels),
        shape_(state.shape),
        head_(head_of(kernels_, shape_, state.key_values[layer % 2], head)) {
    keys_.k = values_.n = shape_.head_dim;
    values_.scale = state.ones;
    values_.compensation = state.zeros;
  }
  const PackedMatrix& keys(const Chunk& chunk) {
    keys_.n = chunk.tokens;
    keys_.data = reinterpret_cast<std::byte*>(head_.keys + chunk.first * padded_dim(shape_));
    keys_.scale = head_.key_scale + chunk.first;
    keys_.compensation = head_.key_compensation + chunk.first;
    return keys_;
  }
  const PackedMatrix& values(const Chunk& chunk) {
    values_.k = chunk.tokens;
    values_.data =
        reinterpret_cast<std::byte*>(head_.values + packed_bytes_int8(kernels_, shape_.head_dim, chunk.first));
    return values_;
  }
  [[nodiscard]] const float* value_scale() const { return head_.value_scale; }

 private:
  const KernelSet& kernels_;
  const AttentionShape& shape_;
  Head head_;
  PackedMatrix keys_, values_;
};

// mean[head_dim]: of the tokens' values in units of their scales, as a product with a row of ones.
void mean_of_values(const KernelSet& kernels, const AttentionShape& shape, PackedHead& head, const Scratch& scratch,
                    float* mean_value) {
  float part = 1.0F / static_cast<float>(shape.tokens);
  const MatrixView<float> mean(mean_value, 1, shape.head_dim);
  for (std::int64_t c = 0; c < chunk_count(shape); ++c) {
    const Chunk chunk = chunk_of(shape, c);
    const QuantizedRows ones{
        .data = scratch.ones, .rows = 1, .cols = chunk.tokens, .stride = key_chunk, .scale = &part};
    kernels.matmul_int8(ones, {.b = &head.values(chunk),
                               .out = mean,
                               .residual = as_const(mean),
                               .epilogue = c == 0 ? Epilogue::store : Epilogue::add});
  }
}

// What chunks of keys and queries of one head share.
struct HeadValues {
  const float* factor;  // [T]: see value_factors
  float scale;          // the largest of the values
  float unit;           // what it is in `factor`
  float* mean;          // [head_dim], or null: probabilities lose nothing to give back
};

// Where prepare_head stores them.
float* factors_of(const AttentionStateInt8& state, std::int64_t head) {
  return state.value_factor + head * round_up(state.shape.tokens, probability_group(*state.kernels));
}
float* mean_of(const AttentionStateInt8& state, std::int64_t head) {
  return state.mean_value + head * round_up(state.shape.head_dim, state.kernels->vector_columns);
}

HeadValues values_of(const AttentionStateInt8& state, const PackedHead& packed, std::int64_t head,
                     const Scratch& scratch) {
  if (long_rows(state.shape)) {
    return {factors_of(state, head), state.value_scale[head], unit_of_eight_bits, mean_of(state, head)};
  }
  constexpr float unit = 16383.0F;
  const float scale = value_factors(state.shape, packed.value_scale(), unit, scratch.value_factor);
  return {scratch.value_factor, scale, unit, nullptr};
}

// Some queries of one head.
struct QueryTile {
  QuantizedRows queries;
  std::int64_t first;  // token of the first query
};

// Scores of queries over a chunk of keys, then probabilities. `softmax` runs over the chunks.
void chunk_probabilities(const AttentionStateInt8& state, const QueryTile& tile, PackedHead& head, const Chunk& chunk,
                         const float* factor, const Scratch& scratch, Probabilities& softmax) {
  const KernelSet& kernels = *state.kernels;
  const std::int64_t rows = tile.queries.rows, padded = round_up(chunk.tokens, probability_group(kernels));
  const MatrixView<float> padded_scores(scratch.scores, rows, padded);
  const auto scores = padded_scores.columns(0, chunk.tokens);
  kernels.matmul_int8(tile.queries, {.b = &head.keys(chunk), .out = scores});
  mask_later_tokens(state.shape, scores, tile.first, chunk.first);
  for (std::int64_t r = 0; r < rows && padded > chunk.tokens; ++r) {
    float* row = padded_scores.row(r);
    std::fill(row + chunk.tokens, row + padded, -std::numeric_limits<float>::infinity());
  }
  softmax.high.rows = softmax.low.rows = rows;
  kernels.probabilities(as_const(padded_scores), state.shape.score_scale(), factor, softmax);
}

// mixed[queries, head_dim] = the queries' mixture of one head's values.
void attend_tile(const AttentionStateInt8& state, const QueryTile& tile, PackedHead& head, const HeadValues& values,
                 const Scratch& scratch, MatrixView<float> mixed) {
  const KernelSet& kernels = *state.kernels;
  const AttentionShape& shape = state.shape;
  const std::int64_t rows = tile.queries.rows;
  Probabilities softmax = scratch.probabilities;
  const bool single = one_plane(kernels, shape);
  softmax.high.eight_bits = single;
  if (single) softmax.low.data = nullptr;
  std::fill_n(softmax.top, rows, -std::numeric_limits<float>::infinity());
  std::fill_n(softmax.sum, rows, 0.0F);
  std::fill_n(softmax.lost, rows, 0.0F);
  const std::int64_t chunks = chunk_count(shape);
  for (std::int64_t c = 0; c < chunks; ++c) {
    const Chunk chunk = chunk_of(shape, c);
    chunk_probabilities(state, tile, head, chunk, values.factor + chunk.first, scratch, softmax);
    for (std::int64_t r = 0; r < rows && c == chunks - 1; ++r) {
      const float scale = values.scale * (1.0F / softmax.sum[r]) / values.unit;
      softmax.keep[r] *= scale;
      softmax.weight[r] *= scale;
      softmax.lost[r] *= scale;
    }
    if (c > 0) kernels.scale_rows(mixed, softmax.keep);
    MatmulTask add{.b = &head.values(chunk), .out = mixed, .residual = as_const(mixed), .epilogue = Epilogue::add};
    MatmulTask first = add;
    if (c == 0) first.epilogue = Epilogue::store;
    for (std::int64_t r = 0; r < rows; ++r) {
      softmax.high.scale[r] = single ? softmax.weight[r] : 128.0F * softmax.weight[r];
    }
    kernels.matmul_int8(softmax.high, first);
    if (single) continue;
    std::copy_n(softmax.weight, rows, softmax.low.scale);
    kernels.matmul_int8(softmax.low, add);
  }
  if (values.mean == nullptr) return;
  const PackedMatrix mean = packed_f32(values.mean, shape.head_dim, 1);
  kernels.matmul_f32(MatrixView<const float>(softmax.lost, rows, 1),
                     {.b = &mean, .out = mixed, .residual = as_const(mixed), .epilogue = Epilogue::add});
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
  if (!long_rows(shape)) return state;
  state.value_factor = arena.take<float>(shape.num_heads * round_up(shape.tokens, probability_group(kernels)));
  state.value_scale = arena.take<float>(shape.num_heads);
  state.mean_value = arena.take<float>(shape.num_heads * dim);
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

std::int64_t heads_to_prepare(const AttentionStateInt8& state) {
  return long_rows(state.shape) ? state.shape.num_heads : 0;
}

void prepare_head(const AttentionStateInt8& state, std::size_t layer, std::int64_t head, const Scratch& scratch) {
  PackedHead packed(state, layer, head);
  state.value_scale[head] =
      value_factors(state.shape, packed.value_scale(), unit_of_eight_bits, factors_of(state, head));
  mean_of_values(*state.kernels, state.shape, packed, scratch, mean_of(state, head));
}

void attend(const AttentionStateInt8& state, std::size_t layer, std::int64_t first, const Scratch& scratch,
            MatrixView<float> out) {
  const KernelSet& kernels = *state.kernels;
  const AttentionShape& shape = state.shape;
  const std::int64_t dim = shape.head_dim;
  const std::int64_t query_stride = shape.num_heads * padded_dim(shape);
  const auto tiles = Blocks::split(out.rows, kernels.query_rows, 1);
  for (std::int64_t h = 0; h < shape.num_heads; ++h) {
    PackedHead head(state, layer, h);
    const HeadValues values = values_of(state, head, h, scratch);
    for (std::int64_t tile = 0; tile < tiles.count; ++tile) {
      const std::int64_t row = tiles.begin(tile), rows = tiles.size(tile);
      const QuantizedRows queries{.data = state.queries + (first + row) * query_stride + h * padded_dim(shape),
                                  .rows = rows,
                                  .cols = dim,
                                  .stride = query_stride,
                                  .scale = state.query_scale + (first + row) * shape.num_heads + h,
                                  .scale_stride = shape.num_heads};
      attend_tile(state, {queries, first + row}, head, values, scratch, out.block(row, rows).columns(h * dim, dim));
    }
  }
}

}  // namespace trm
