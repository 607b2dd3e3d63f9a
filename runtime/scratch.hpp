#pragma once
// The buffers of one thread: a block's intermediate results within a layer. Small enough to stay in the second cache.

#include <algorithm>
#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/tensor.hpp"

namespace trm {

// The most rows of a block: enough that reading the weights from memory pays off, few enough that the block's
// intermediate results stay in the second cache.
inline constexpr std::int64_t largest_block = 56;

// Row stride in floats of rows of n floats, rounded up to cache lines: a masked store at a row's end would stall loads
// of the next row.
[[nodiscard]] inline std::int64_t row_stride(std::int64_t n) {
  return round_up(n, 16);
}

// Keys whose scores int8 attention computes at once: with query_rows queries these scores stay in the first cache.
// Whole panels and whole probability_groups of every kernel set.
inline constexpr std::int64_t key_chunk = 512;

struct ScratchSizes {
  std::int64_t wide = 0;         // qkv, or the hidden units of a SwiGLU
  std::int64_t mixed = 0;        // attention's output, or transposed tokens
  std::int64_t branch = 0;       // normalised rows that a scaled branch reads, and what it gives; 0: no scales
  std::int64_t tokens_f32 = 0;   // T, for float32 attention; 0: none
  std::int64_t tokens_int8 = 0;  // T, for int8 attention; 0: none
  std::int64_t scan = 0;         // floats: scan_scratch (kernels/scan_layout.hpp)
  bool quantizes = false;        // some product has int8 or four-bit weights
};

[[nodiscard]] inline ScratchSizes larger(const ScratchSizes& a, const ScratchSizes& b) {
  return {.wide = std::max(a.wide, b.wide),
          .mixed = std::max(a.mixed, b.mixed),
          .branch = std::max(a.branch, b.branch),
          .tokens_f32 = std::max(a.tokens_f32, b.tokens_f32),
          .tokens_int8 = std::max(a.tokens_int8, b.tokens_int8),
          .scan = std::max(a.scan, b.scan),
          .quantizes = a.quantizes || b.quantizes};
}

struct Scratch {
  float* wide = nullptr;              // [largest_block, wide]
  float* mixed = nullptr;             // [largest_block, mixed], row_stride apart
  float* branch = nullptr;            // [largest_block, branch], row_stride apart
  float* scores = nullptr;            // float32: [largest_block, row_stride(T)]; int8: [query_rows, chunk]
  float* inverse_sum = nullptr;       // [largest_block]
  float* scan = nullptr;              // [scan]
  std::uint8_t* quantized = nullptr;  // [largest_block, max(wide, mixed, branch) rounded up to k_group]
  float* quantized_scale = nullptr;   // [largest_block]
  // int8 attention. chunk: min(T, key_chunk), rounded up to probability_group.
  Probabilities probabilities{};  // [query_rows, chunk], with scales
  float* value_factor = nullptr;  // [T rounded up to probability_group]
  std::uint8_t* ones = nullptr;   // [chunk]: 1
};

[[nodiscard]] inline Scratch take_scratch(Arena& arena, const KernelSet& kernels, const ScratchSizes& sizes) {
  Scratch s;
  s.wide = arena.take<float>(largest_block * sizes.wide);
  s.mixed = arena.take<float>(largest_block * row_stride(sizes.mixed));
  s.branch = arena.take<float>(largest_block * row_stride(sizes.branch));
  const std::int64_t tokens = round_up(sizes.tokens_int8, probability_group(kernels));
  const std::int64_t chunk = std::min(tokens, key_chunk);
  s.scores = arena.take<float>(std::max(largest_block * row_stride(sizes.tokens_f32), kernels.query_rows * chunk));
  s.inverse_sum = arena.take<float>(largest_block);
  s.scan = arena.take<float>(sizes.scan);
  if (!sizes.quantizes) return s;
  s.quantized =
      arena.take<std::uint8_t>(largest_block * round_up(std::max({sizes.wide, sizes.mixed, sizes.branch}), k_group));
  s.quantized_scale = arena.take<float>(largest_block);
  const std::int64_t rows = round_up(kernels.query_rows, kernels.vector_columns);
  Probabilities& p = s.probabilities;
  for (QuantizedRows* plane : {&p.high, &p.low}) {
    *plane = {.data = arena.take<std::uint8_t>(rows * chunk), .cols = chunk, .stride = chunk};
    plane->scale = arena.take<float>(rows);
  }
  for (float** of_rows : {&p.top, &p.sum, &p.lost, &p.keep, &p.weight}) *of_rows = arena.take<float>(rows);
  s.value_factor = arena.take<float>(tokens);
  s.ones = arena.take<std::uint8_t>(chunk);
  if (!arena.counting()) std::fill_n(s.ones, chunk, std::uint8_t{1});
  return s;
}

}  // namespace trm
