#pragma once
// What attention in float32 and in int8 share: its sizes, and a head's queries, keys and values.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/rotary.hpp"
#include "runtime/tensor.hpp"

namespace trm {

struct AttentionShape {
  std::int64_t tokens = 0;
  std::int64_t num_heads = 0;
  std::int64_t head_dim = 0;
  bool causal = false;    // a token attends to itself and the tokens before it
  float temperature = 1;  // of the softmax
  [[nodiscard]] std::int64_t width() const { return num_heads * head_dim; }
  // Factor of a query's product with a key.
  [[nodiscard]] float score_scale() const { return 1.0F / (std::sqrt(static_cast<float>(head_dim)) * temperature); }
};

// With causal attention: the scores [rows, keys] of the queries from `first` on with the keys from `first_key` on,
// minus infinity for the keys of later tokens.
inline void mask_later_tokens(const AttentionShape& shape, MatrixView<float> scores, std::int64_t first,
                              std::int64_t first_key = 0) {
  if (!shape.causal) return;
  for (std::int64_t r = 0; r < scores.rows; ++r) {
    const std::int64_t seen = std::clamp(first + r + 1 - first_key, std::int64_t{0}, scores.cols);
    std::fill(scores.row(r) + seen, scores.row(r) + scores.cols, -std::numeric_limits<float>::infinity());
  }
}

// One head of a block of tokens, each [rows, head_dim].
struct HeadRows {
  MatrixView<float> q;
  MatrixView<float> k;
  MatrixView<float> v;
};

// The head's columns of qkv [rows, 3 * heads * head_dim] of the tokens from `first` on. Rotates its queries and keys
// in place.
[[nodiscard]] inline HeadRows rotated_head(const KernelSet& kernels, const AttentionShape& shape,
                                           const RotaryTable& rotary, MatrixView<float> qkv, std::int64_t first,
                                           std::int64_t head) {
  const auto projection = [&](std::int64_t index) {
    return qkv.columns(index * shape.width() + head * shape.head_dim, shape.head_dim);
  };
  const HeadRows rows{.q = projection(0), .k = projection(1), .v = projection(2)};
  if (rotary.cos.data != nullptr) {
    const auto cos = rotary.cos.block(first, qkv.rows);
    const auto sin = rotary.sin.block(first, qkv.rows);
    const std::int64_t dim = shape.head_dim / rotary.parts, pairs = dim / 2;
    for (std::int64_t part = 0; part < rotary.parts; ++part) {
      const auto part_cos = cos.columns(part * pairs, pairs), part_sin = sin.columns(part * pairs, pairs);
      kernels.rotate(rows.q.columns(part * dim, dim), part_cos, part_sin);
      kernels.rotate(rows.k.columns(part * dim, dim), part_cos, part_sin);
    }
  }
  return rows;
}

}  // namespace trm
