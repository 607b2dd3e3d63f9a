#pragma once
// Multi-head self-attention without a mask, a block of query rows at a time:
// never more than [tile_rows, T] scores exist.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/rotary.hpp"
#include "runtime/scratch.hpp"
#include "runtime/tensor.hpp"

namespace trm {

struct AttentionShape {
  std::int64_t tokens = 0;
  std::int64_t num_heads = 0;
  std::int64_t head_dim = 0;
  [[nodiscard]] std::int64_t width() const { return num_heads * head_dim; }
};

// Keys and values of all tokens, a head after the other, packed as right-hand sides:
// keys [T, head_dim] for the scores, values [head_dim, T] for the mixture.
struct KeyValuesF32 {
  float* keys = nullptr;
  float* values = nullptr;
};

// Two sets of keys and values, used by turns: a layer's blocks still read theirs while
// the next layer's are written.
struct AttentionStateF32 {
  MatrixView<float> queries{};  // [T, heads * head_dim]
  KeyValuesF32 key_values[2];
};
[[nodiscard]] AttentionStateF32 take_attention_state_f32(Arena& arena, const KernelSet& kernels,
                                                         const AttentionShape& shape);

// Takes qkv [rows, 3 * heads * head_dim] of the tokens from `first` on: rotates
// queries and keys in place, stores the queries and packs keys and values into
// the set `parity`.
void store_queries_keys_values(const KernelSet& kernels, const AttentionShape& shape, const RotaryTable& rotary,
                               MatrixView<float> qkv, std::int64_t first, const AttentionStateF32& state,
                               std::size_t parity);

// out[rows, heads * head_dim] = softmax(q k^T / sqrt(head_dim)) v for the tokens from `first` on.
void attend(const KernelSet& kernels, const AttentionShape& shape, std::int64_t first, const AttentionStateF32& state,
            std::size_t parity, const Scratch& scratch, MatrixView<float> out);

}  // namespace trm
