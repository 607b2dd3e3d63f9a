#include "models/trm.hpp"

#include <array>

namespace trm {

// repeat H_cycles: { repeat L_cycles: z_L <- net(z_L, z_H + x);  z_H <- net(z_H, z_L) }
void trm_step(const StepContext& c) {
  const State& s = c.state;
  const std::array think = {as_const(s.z_high), as_const(s.input_embedding)};
  const std::array answer = {as_const(s.z_low)};
  const auto net = [&](MatrixView<float> latent, std::span<const MatrixView<const float>> injections) {
    network_pass(c.team, c.kernels, c.weights.l_level, c.scratch, s.attention, latent, injections);
  };
  for (std::int64_t h_cycle = 0; h_cycle < c.hyperparameters.h_cycles; ++h_cycle) {
    for (std::int64_t l_cycle = 0; l_cycle < c.hyperparameters.l_cycles; ++l_cycle) net(s.z_low, think);
    net(s.z_high, answer);
  }
}

}  // namespace trm
