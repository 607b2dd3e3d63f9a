#pragma once
// attention.hpp in float32. The scores of one head and one block of queries, [largest_block, T], are computed at a
// time. They stay in the second cache, and each panel of keys or values is read from memory once for the whole block.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/attention_head.hpp"
#include "runtime/scratch.hpp"

namespace trm {

// Keys and values of all tokens, one head after the other, packed as right-hand sides of matrix products:
// keys [T, head_dim] for the scores, values [head_dim, T] for the mixture.
struct KeyValuesF32 {
  float* keys = nullptr;
  float* values = nullptr;
};

struct AttentionStateF32 {
  const KernelSet* kernels = nullptr;  // for which the keys and values are packed
  AttentionShape shape{};
  MatrixView<float> queries{};      // [T, heads * head_dim]
  KeyValuesF32 key_values[2] = {};  // of even and of odd layers
};
[[nodiscard]] AttentionStateF32 take_attention_state_f32(Arena& arena, const KernelSet& kernels,
                                                         const AttentionShape& shape);

// As in attention.hpp.
void store_queries_keys_values(const AttentionStateF32& state, std::size_t layer, const RotaryTable& rotary,
                               MatrixView<float> qkv, std::int64_t first, const Scratch& scratch);
void attend(const AttentionStateF32& state, std::size_t layer, std::int64_t first, const Scratch& scratch,
            MatrixView<float> out);

}  // namespace trm
