#pragma once
// The buffers of one thread: what a block of rows needs on its way through a
// layer. Small enough to stay in the second cache.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/tensor.hpp"

namespace trm {

// Rows of a block: enough to pay for streaming the weights past them, few enough
// that the block's intermediate results stay in the second cache.
inline constexpr std::int64_t largest_block = 56;

struct Scratch {
  float* wide = nullptr;    // [largest_block, wide_size]: qkv, or a SwiGLU's hidden units
  float* mixed = nullptr;   // [largest_block, max(heads * head_dim, tokens)]: attention's output, or transposed tokens
  float* scores = nullptr;  // [tile_rows, tokens]
  float* inverse_sum = nullptr;  // [tile_rows]
};

[[nodiscard]] inline Scratch take_scratch(Arena& arena, const KernelSet& kernels, std::int64_t wide_size,
                                          std::int64_t mixed_size, std::int64_t tokens) {
  return {.wide = arena.take<float>(largest_block * wide_size),
          .mixed = arena.take<float>(largest_block * mixed_size),
          .scores = arena.take<float>(kernels.tile_rows * tokens),
          .inverse_sum = arena.take<float>(kernels.tile_rows)};
}

}  // namespace trm
