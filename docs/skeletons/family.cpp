// A skeleton to copy to models/families/NAME.cpp: replace my_family, the initial latents and the recursion
// (docs/adding-a-family.md). The tests compile this file.

#include "models/family.hpp"

#include <array>

namespace trm {
namespace {

// The checkpoint's keys of the vectors [D] that the latents of a fresh carry start from. The heads read the first
// latent.
constexpr std::array initial_latents = {"H_init", "L_init"};

// Source: the paper's equation.
// repeat H_cycles: { repeat L_cycles: z_L <- net(z_L, z_H + x);  z_H <- net(z_H, z_L) }
void step(const StepContext& c) {
  const Network& net = c.weights.l_level;
  const auto z_high = c.state.latent(0), z_low = c.state.latent(1);                // [T, D]
  const std::array think = {as_const(z_high), as_const(c.state.input_embedding)};  // added to z_L before a pass
  const std::array answer = {as_const(z_low)};                                     // added to z_H before a pass
  for (std::int64_t h_cycle = 0; h_cycle < c.hyperparameters.h_cycles; ++h_cycle) {
    for (std::int64_t l_cycle = 0; l_cycle < c.hyperparameters.l_cycles; ++l_cycle) pass(c, net, z_low, think);
    pass(c, net, z_high, answer);
  }
}

}  // namespace

extern const Family my_family;
const Family my_family = {.name = "my_family", .initial_latents = initial_latents, .l_level = true, .step = step};

}  // namespace trm
