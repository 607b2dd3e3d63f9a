#pragma once
// attention.hpp in int8. Queries, keys and values have seven bits and a scale for each token and head. Keys come in
// chunks whose scores stay in the first cache; what the chunks give is added up as softmax demands (arXiv 2205.14135).
//
// Probabilities have fourteen bits, as two planes of seven, if there is one chunk. Eight bits would suffice where
// attention is peaked or flat, but not for a long tail: those below 1/510 of the largest would be rounded to zero. With
// more tokens they have eight bits of the largest of their chunk: rounding errors average out over many tokens, and
// what rounding took from a row in sum, its tail above all, is given back with the mean of the head's values. A set
// that multiplies rows of eight bits (KernelSet::eight_bit_rows) needs one product with the values for this instead of
// two. The portable set takes two products, because WebAssembly's sets must and both give the same bits.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/attention_head.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/scratch.hpp"

namespace trm {

// Packed as right-hand sides of matrix products, one head after the other. Magnitudes are at most 63, so that a sum
// of four products fits 16 bits in every kernel.
struct KeyValuesInt8 {
  std::int8_t* keys = nullptr;               // [heads] packed [T, head_dim]
  float* key_scale = nullptr;                // [heads, T rounded up to vectors]
  std::int32_t* key_compensation = nullptr;  // [heads, T rounded up to vectors]
  std::int8_t* values = nullptr;             // [heads] packed [head_dim, T]
  float* value_scale = nullptr;              // [heads, T]
};

struct AttentionStateInt8 {
  const KernelSet* kernels = nullptr;  // for which the keys and values are packed
  AttentionShape shape{};
  std::uint8_t* queries = nullptr;   // [T, heads, head_dim rounded up to k_group]
  float* query_scale = nullptr;      // [T, heads]
  KeyValuesInt8 key_values[2] = {};  // of even and of odd layers
  // Scales and compensation of the values as a right-hand side, each [head_dim rounded up to vectors]. The
  // probabilities include the values' scales already and have zero point 0.
  float* ones = nullptr;
  std::int32_t* zeros = nullptr;
  // Of the layer under way, written by prepare_head. Null if there is one chunk of keys or attention is causal.
  float* value_factor = nullptr;  // [heads, T rounded up to probability_group]
  float* value_scale = nullptr;   // [heads]: the largest of the head's value scales
  float* mean_value = nullptr;    // [heads, head_dim rounded up to vectors]
};
[[nodiscard]] AttentionStateInt8 take_attention_state_int8(Arena& arena, const KernelSet& kernels,
                                                           const AttentionShape& shape);

// As in attention.hpp.
[[nodiscard]] std::int64_t heads_to_prepare(const AttentionStateInt8& state);
void prepare_head(const AttentionStateInt8& state, std::size_t layer, std::int64_t head, const Scratch& scratch);
void store_queries_keys_values(const AttentionStateInt8& state, std::size_t layer, const RotaryTable& rotary,
                               MatrixView<float> qkv, std::int64_t first, const Scratch& scratch);
void attend(const AttentionStateInt8& state, std::size_t layer, std::int64_t first, const Scratch& scratch,
            MatrixView<float> out);

}  // namespace trm
