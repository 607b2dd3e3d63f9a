// Equilibrium Reasoner (arXiv 2605.21488): TRM's recursion with damped, noisy calls of the network, from random starts.

#include <algorithm>
#include <array>

#include "models/families/trm_step.hpp"

namespace trm {
namespace {

constexpr auto eqr_start_deviations =
    std::to_array<double Hyperparameters::*>({&Hyperparameters::h_init_std, &Hyperparameters::l_init_std});

constexpr auto eqr_field_names = std::to_array<FieldName>({
    {"", "puzzle_emb_ndim"},
    {"", "puzzle_emb_len"},
    {"", "num_puzzle_identifiers"},
    {"", "no_ACT_continue"},  // the second halting output is not trained
});

void eqr_defaults(Hyperparameters& h) {
  h.puzzle_emb_len = 0;
  h.lambda_ = 0.95;
  h.noise_scale = 0.01;
}

// z <- (1 - lambda) z + lambda net(z + injections) + noise
void damped_call(const StepContext& c, std::size_t latent, std::span<const MatrixView<const float>> injections,
                 std::uint32_t call) {
  const auto& h = c.hyperparameters;
  const auto z = c.state.latent(latent), work = c.state.work;
  const auto blocks = Blocks::split(z.rows, largest_block, c.team.size());
  c.team.for_blocks(blocks.count, [&](std::int64_t block, int) {
    const std::int64_t first = blocks.begin(block);
    std::copy_n(z.row(first), blocks.size(block) * z.cols, work.row(first));
  });
  pass(c, c.weights.l_level, work, injections);
  NoisePlace place = c.place;
  place.latent = static_cast<std::uint32_t>(latent);
  const auto stays = static_cast<float>(1 - h.lambda_), moves = static_cast<float>(h.lambda_);
  c.team.for_blocks(blocks.count, [&](std::int64_t block, int) {
    const std::int64_t first = blocks.begin(block) * z.cols, count = blocks.size(block) * z.cols;
    float* old = z.data + first;
    c.kernels.blend(old, work.data + first, count, stays, moves);
    if (h.noise_scale == 0) return;
    add_noise(place, h.noise_scale, {old, static_cast<std::size_t>(count)}, static_cast<std::size_t>(first),
              static_cast<std::uint32_t>(DrawUse::first_call) + call);
  });
}

void eqr_step(const StepContext& c) {
  const std::array think = {as_const(c.state.latent(0)), as_const(c.state.input_embedding)};
  const std::array answer = {as_const(c.state.latent(1))};
  std::uint32_t call = 0;
  for (std::int64_t h_cycle = 0; h_cycle < c.hyperparameters.h_cycles; ++h_cycle) {
    for (std::int64_t l_cycle = 0; l_cycle < c.hyperparameters.l_cycles; ++l_cycle) damped_call(c, 1, think, call++);
    damped_call(c, 0, answer, call++);
  }
}

}  // namespace

extern const Family eqr_family;
const Family eqr_family = {.name = "eqr",
                           .initial_latents = trm_initial_latents,
                           .l_level = true,
                           .start_deviations = eqr_start_deviations,
                           .exact_rotary = true,
                           .field_names = eqr_field_names,
                           .defaults = eqr_defaults,
                           .step = eqr_step};

}  // namespace trm
