#pragma once
// A model's weights in memory, packed for one kernel set.

#include <cstdint>
#include <string_view>
#include <vector>

#include "io/gguf.hpp"
#include "models/hyperparameters.hpp"
#include "runtime/arena.hpp"
#include "runtime/network.hpp"

namespace trm {

// Of a family that iterates to a fixed point (families/fprm.cpp): what a pass begins with, and the scales.
struct FixedPointWeights {
  Convolution convolution{};          // of the cells; no data: none
  Stencil stencil{};                  // which cells its taps read
  ResidualScales entry{};             // of latent and input, one row (stride 0)
  PackedMatrix entry_scale{};         // [D, D]: the scales are computed from the latent
  const float* entry_bias = nullptr;  // [D]; null: they are not
  PackedMatrix layer_scale{};         // the same of the layers' scales
  const float* layer_bias = nullptr;
};

struct Weights {
  std::string_view type;                   // of the layers' weights in the file: "f32", "f16", "int8" or "q4_0"
  MatrixView<const float> embed_tokens{};  // [V, D]
  MatrixView<const float> embed_pos{};     // [T, D]; null unless positions are learned
  PackedMatrix lm_head{};                  // [V, D]
  MatrixView<const float> q_head{};        // [q_outputs, D]: halt, continue
  const float* q_head_bias = nullptr;      // [q_outputs]
  std::vector<const float*>
      initial_latents;  // [latents], each [D], in the order of Family::initial_latents; null: a latent starts at random
  Network h_level{};    // without layers where the family has no such network
  Network l_level{};
  FixedPointWeights fixed_point{};

  // The networks that the family has, one or two. They differ only in their number of layers.
  [[nodiscard]] std::vector<const Network*> networks() const;
};

// Reads each tensor, compares it with its checksum and packs it, so that no more than one tensor is in memory twice.
// While the arena counts, only sizes are found and nothing is read. Throws Error(input) naming a missing, mis-shaped or
// damaged tensor, Error(io) when the file cannot be read.
[[nodiscard]] Weights load_weights(const gguf::File& file, const Hyperparameters& hyperparameters,
                                   const KernelSet& kernels, Arena& arena);

}  // namespace trm
