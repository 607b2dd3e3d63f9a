#include "models/state.hpp"

#include <algorithm>
#include <cmath>

#include "models/family.hpp"

namespace trm {

State take_state(Arena& arena, const KernelSet& kernels, const Hyperparameters& h, const Weights& weights) {
  const std::int64_t tokens = h.tokens();
  State state;
  state.latents = arena.take<float>(static_cast<std::int64_t>(weights.initial_latents.size()) * tokens * h.hidden_size);
  state.input_embedding = {arena.take<float>(tokens * h.hidden_size), tokens, h.hidden_size};
  state.logits = {arena.take<float>(h.seq_len * h.vocab_size), h.seq_len, h.vocab_size};
  state.logits_before = arena.take<float>(h.seq_len * h.vocab_size);
  if (!family(h.family).start_deviations.empty()) {
    state.work = {arena.take<float>(tokens * h.hidden_size), tokens, h.hidden_size};
  }
  state.mixer = take_mixer_state(arena, kernels, *weights.networks().front());
  return state;
}

void reset_carry(const Hyperparameters& h, const Weights& weights, NoisePlace place, std::span<const float> given,
                 State& state) {
  state.fixed_point = {.stepsize = h.stepsize, .patience = h.decay_patience};
  state.at_rest = false;
  state.residual = {};
  if (!given.empty()) {
    std::copy(given.begin(), given.end(), state.latents);
    return;
  }
  for (std::size_t i = 0; i < weights.initial_latents.size(); ++i) {
    const auto latent = state.latent(i);
    if (weights.initial_latents[i] == nullptr) {
      place.latent = static_cast<std::uint32_t>(i);
      draw_truncated_normal(place, h.*family(h.family).start_deviations[i],
                            {latent.data, static_cast<std::size_t>(latent.rows * latent.cols)});
      continue;
    }
    for (std::int64_t t = 0; t < latent.rows; ++t) std::copy_n(weights.initial_latents[i], latent.cols, latent.row(t));
  }
}

void embed(const Hyperparameters& h, const Weights& weights, const PuzzleTable& puzzles, std::int64_t row,
           std::span<const std::int32_t> inputs, State& state) {
  const auto x = state.input_embedding;
  std::fill_n(x.data, h.puzzle_emb_len * x.cols, 0.0F);
  if (h.puzzle_emb_ndim > 0) {
    puzzles.read(row, {x.data, static_cast<std::size_t>(h.puzzle_emb_ndim)});  // the P tokens are contiguous
  }
  for (std::int64_t s = 0; s < h.seq_len; ++s) {
    std::copy_n(weights.embed_tokens.row(inputs[static_cast<std::size_t>(s)]), x.cols, x.row(h.puzzle_emb_len + s));
  }
  const auto scale = static_cast<float>(std::sqrt(static_cast<double>(h.hidden_size)));
  const bool learned = weights.embed_pos.data != nullptr;
  for (std::int64_t i = 0; i < x.rows * x.cols; ++i) {
    if (learned) x.data[i] = 0.707106781F * (x.data[i] + weights.embed_pos.data[i]);
    x.data[i] *= scale;
  }
}

Halting halting_head(const Weights& weights, MatrixView<const float> latent) {
  const auto dot = [&](std::int64_t output) {
    double sum = weights.q_head_bias[output];
    for (std::int64_t i = 0; i < latent.cols; ++i) {
      sum += static_cast<double>(weights.q_head.row(output)[i]) * static_cast<double>(latent.data[i]);
    }
    return static_cast<float>(sum);
  };
  return {.q_halt = dot(0), .q_continue = weights.q_head.rows > 1 ? dot(1) : 0.0F};
}

bool finite(const Halting& halting) {
  return std::isfinite(halting.q_halt) && std::isfinite(halting.q_continue);
}

bool finite(MatrixView<const float> logits) {
  return std::all_of(logits.data, logits.data + logits.rows * logits.cols, [](float x) { return std::isfinite(x); });
}

void language_head(const KernelSet& kernels, const Weights& weights, MatrixView<const float> latent, State& state) {
  const std::int64_t cells = state.logits.rows;
  kernels.matmul_f32(latent.block(latent.rows - cells, cells), {.b = &weights.lm_head, .out = state.logits});
}

}  // namespace trm
