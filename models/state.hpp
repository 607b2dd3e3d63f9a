#pragma once
// The state of one sample between steps, and the embeddings and heads that all families share.

#include <cstdint>
#include <limits>
#include <span>

#include "models/hyperparameters.hpp"
#include "models/puzzle_table.hpp"
#include "models/residual.hpp"
#include "models/weights.hpp"
#include "runtime/arena.hpp"
#include "runtime/network.hpp"
#include "runtime/noise.hpp"
#include "runtime/tensor.hpp"

namespace trm {

// How far an iteration to a fixed point has come (families/fprm.cpp).
struct FixedPointState {
  double stepsize = 1;                                    // of the next update
  double best = std::numeric_limits<double>::infinity();  // the smallest change so far
  std::int64_t patience = 0;                              // iterations that may still fail to improve on it
};

struct State {
  float* latents = nullptr;             // [latents, T, D], one after the other, in the order of Family::initial_latents
  MatrixView<float> input_embedding{};  // [T, D]
  MatrixView<float> logits{};           // [S, V]
  float* logits_before = nullptr;       // [S, V] of the step before, with RunOptions::halt_residual
  Residual residual{};
  MatrixView<float> work{};  // [T, D], of families whose latents start at random
  MixerState mixer{};
  FixedPointState fixed_point{};
  bool at_rest = false;  // the family's own stopping rule held after the last step

  [[nodiscard]] MatrixView<float> latent(std::size_t index) const {
    const auto& x = input_embedding;
    return {latents + static_cast<std::int64_t>(index) * x.rows * x.cols, x.rows, x.cols};
  }
};

[[nodiscard]] State take_state(Arena& arena, const KernelSet& kernels, const Hyperparameters& hyperparameters,
                               const Weights& weights);

// A fresh carry: every token of a latent is the latent's initial vector or, where the family starts at random, a draw
// from a truncated normal distribution that depends on `place`. `given` [latents, T, D], if not empty, is the start
// itself.
void reset_carry(const Hyperparameters& hyperparameters, const Weights& weights, NoisePlace place,
                 std::span<const float> given, State& state);

// input_embedding[T, D]: the puzzle's row cut into P tokens (zero-padded), then the
// cells' embeddings; with learned positions (x + pos) / sqrt(2); all times sqrt(D).
// `row` is the puzzle's row in the table; a model without a table ignores it.
void embed(const Hyperparameters& hyperparameters, const Weights& weights, const PuzzleTable& puzzles, std::int64_t row,
           std::span<const std::int32_t> inputs, State& state);

struct Halting {
  float q_halt;
  float q_continue;
};
// q_head of token 0 of `latent` [T, D]. A head with one output has q_continue 0.
[[nodiscard]] Halting halting_head(const Weights& weights, MatrixView<const float> latent);

// Are both numbers, and all of the state's logits where they were computed, finite? Weights that are too large for
// float32 overflow to infinities and NaN, of which every later comparison would be meaningless.
[[nodiscard]] bool finite(const Halting& halting);
[[nodiscard]] bool finite(MatrixView<const float> logits);

// logits[S, V] = lm_head of the cells of `latent` [T, D].
void language_head(const KernelSet& kernels, const Weights& weights, MatrixView<const float> latent, State& state);

}  // namespace trm
