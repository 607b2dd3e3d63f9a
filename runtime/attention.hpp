#pragma once
// Multi-head self-attention, causal or without a mask, a block of tokens at a time: first the queries, keys and values
// of all blocks are stored, then each block attends to all tokens. One interface for both types of arithmetic.

#include <cstdint>
#include <variant>

#include "runtime/attention_f32.hpp"
#include "runtime/attention_int8.hpp"
#include "runtime/kernels/packed_matrix.hpp"

namespace trm {

// One sample's queries, keys and values. Keys and values exist twice, for even and for odd layers: while some blocks
// of a layer still read theirs, others already write those of the next layer.
using AttentionState = std::variant<AttentionStateF32, AttentionStateInt8>;

// Attention computes in the type of the layers' weights.
[[nodiscard]] AttentionState take_attention_state(Arena& arena, const KernelSet& kernels, const AttentionShape& shape,
                                                  WeightType type);

// Takes qkv [rows, 3 * heads * head_dim] of the tokens from `first` on: rotates queries and keys in place and stores
// all three.
inline void store_queries_keys_values(const AttentionState& state, std::size_t layer, const RotaryTable& rotary,
                                      MatrixView<float> qkv, std::int64_t first, const Scratch& scratch) {
  std::visit([&](const auto& typed) { store_queries_keys_values(typed, layer, rotary, qkv, first, scratch); }, state);
}

// Between storing and attending prepare_head is to be called for so many heads: all or none. It computes what attend
// needs of all tokens' values, once a layer instead of once a block.
[[nodiscard]] inline std::int64_t heads_to_prepare(const AttentionState& state) {
  const auto* int8 = std::get_if<AttentionStateInt8>(&state);
  return int8 != nullptr ? heads_to_prepare(*int8) : 0;
}
inline void prepare_head(const AttentionState& state, std::size_t layer, std::int64_t head, const Scratch& scratch) {
  prepare_head(std::get<AttentionStateInt8>(state), layer, head, scratch);
}

// out[rows, heads * head_dim] = softmax(q k^T / sqrt(head_dim)) v for the tokens from `first` on.
inline void attend(const AttentionState& state, std::size_t layer, std::int64_t first, const Scratch& scratch,
                   MatrixView<float> out) {
  std::visit([&](const auto& typed) { attend(typed, layer, first, scratch, out); }, state);
}

}  // namespace trm
