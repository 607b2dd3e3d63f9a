#pragma once
// attention.hpp in int8: scores from seven-bit queries and keys, a scale a token and
// head; the mixture from values in seven bits and probabilities in fourteen.
//
// Seven bits would do for peaked or flat attention alone, but not for a long tail: with
// T = 916, probabilities below 1/254 of the largest, each rounded to nothing, can be
// most of the sum. Two planes of seven bits cost a product more and no accuracy.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/attention.hpp"
#include "runtime/kernels/packed_matrix.hpp"

namespace trm {

// Packed as right-hand sides, a head after the other. Magnitudes stay within 63, so that
// no sum of four products leaves 16 bits whatever the kernel.
struct KeyValuesInt8 {
  std::int8_t* keys = nullptr;        // [heads] packed [T, head_dim]
  float* key_scale = nullptr;         // [heads, T rounded up to vectors]
  std::int32_t* key_start = nullptr;  // [heads, T rounded up to vectors]
  std::int8_t* values = nullptr;      // [heads] packed [head_dim, T]
  float* value_scale = nullptr;       // [heads, T]
};

struct AttentionStateInt8 {
  std::uint8_t* queries = nullptr;  // [T, heads, head_dim rounded up to fours]
  float* query_scale = nullptr;     // [T, heads]
  KeyValuesInt8 key_values[2];
  float* ones = nullptr;          // [head_dim rounded up to vectors]: the values' scale sits in the probabilities
  std::int32_t* zeros = nullptr;  // the same: probabilities have no zero point
};
[[nodiscard]] AttentionStateInt8 take_attention_state_int8(Arena& arena, const KernelSet& kernels,
                                                           const AttentionShape& shape);

// As in attention.hpp; `parity` says which of the two sets of keys and values.
void store_queries_keys_values(const KernelSet& kernels, const AttentionShape& shape, const RotaryTable& rotary,
                               MatrixView<float> qkv, std::int64_t first, const AttentionStateInt8& state,
                               std::size_t parity, const Scratch& scratch);
void attend(const KernelSet& kernels, const AttentionShape& shape, std::int64_t first, const AttentionStateInt8& state,
            std::size_t parity, const Scratch& scratch, MatrixView<float> out);

}  // namespace trm
