// TRM with one latent, which thinks and answers in turn (arXiv 2510.04871, ablation).

#include <array>

#include "models/family.hpp"

namespace trm {
namespace {

constexpr std::array singlez_initial_latents = {"L_init"};

// repeat H_cycles: { repeat L_cycles: z_L <- net(z_L + x);  z_L <- net(z_L) }
void singlez_step(const StepContext& c) {
  const auto& net = c.weights.l_level;
  const auto z_low = c.state.latent(0);
  const std::array think = {as_const(c.state.input_embedding)};
  for (std::int64_t h_cycle = 0; h_cycle < c.hyperparameters.h_cycles; ++h_cycle) {
    for (std::int64_t l_cycle = 0; l_cycle < c.hyperparameters.l_cycles; ++l_cycle) pass(c, net, z_low, think);
    pass(c, net, z_low, {});
  }
}

}  // namespace

extern const Family trm_singlez_family;
const Family trm_singlez_family = {
    .name = "trm_singlez", .initial_latents = singlez_initial_latents, .l_level = true, .step = singlez_step};

}  // namespace trm
