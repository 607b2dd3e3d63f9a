// Hierarchical Reasoning Model (arXiv 2506.21734): a network for each latent.

#include <array>

#include "models/family.hpp"

namespace trm {
namespace {

constexpr std::array hrm_initial_latents = {"H_init", "L_init"};

// repeat H_cycles: { repeat L_cycles: z_L <- L(z_L, z_H + x);  z_H <- H(z_H, z_L) }
void hrm_step(const StepContext& c) {
  const auto z_high = c.state.latent(0), z_low = c.state.latent(1);
  const std::array think = {as_const(z_high), as_const(c.state.input_embedding)};
  const std::array answer = {as_const(z_low)};
  for (std::int64_t h_cycle = 0; h_cycle < c.hyperparameters.h_cycles; ++h_cycle) {
    for (std::int64_t l_cycle = 0; l_cycle < c.hyperparameters.l_cycles; ++l_cycle) {
      pass(c, c.weights.l_level, z_low, think);
    }
    pass(c, c.weights.h_level, z_high, answer);
  }
}

}  // namespace

extern const Family hrm_family;
const Family hrm_family = {.name = "hrm",
                           .alias = "hrm_act_v1",  // in HRM's own repository
                           .initial_latents = hrm_initial_latents,
                           .h_level = true,
                           .l_level = true,
                           .from_hrm = true,
                           .step = hrm_step};

}  // namespace trm
