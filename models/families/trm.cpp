// Tiny Recursive Model (arXiv 2510.04871).

#include <array>

#include "models/families/trm_step.hpp"
#include "models/family.hpp"

namespace trm {

// repeat H_cycles: { repeat L_cycles: z_L <- net(z_L, z_H + x);  z_H <- net(z_H, z_L) }
void trm_step(const StepContext& c) {
  const auto& net = c.weights.l_level;
  const auto z_high = c.state.latent(0), z_low = c.state.latent(1);
  const std::array think = {as_const(z_high), as_const(c.state.input_embedding)};
  const std::array answer = {as_const(z_low)};
  for (std::int64_t h_cycle = 0; h_cycle < c.hyperparameters.h_cycles; ++h_cycle) {
    for (std::int64_t l_cycle = 0; l_cycle < c.hyperparameters.l_cycles; ++l_cycle) pass(c, net, z_low, think);
    pass(c, net, z_high, answer);
  }
}

extern const Family trm_family;
const Family trm_family = {.name = "trm", .initial_latents = trm_initial_latents, .l_level = true, .step = trm_step};

}  // namespace trm
