// A plain transformer, applied once a step: the baseline of the TRM repository.

#include <array>

#include "models/family.hpp"

namespace trm {
namespace {

constexpr std::array baseline_initial_latents = {"H_init"};

// z_H <- H(z_H, x)
void baseline_step(const StepContext& c) {
  const std::array injection = {as_const(c.state.input_embedding)};
  pass(c, c.weights.h_level, c.state.latent(0), injection);
}

}  // namespace

extern const Family transformers_baseline_family;
const Family transformers_baseline_family = {.name = "transformers_baseline",
                                             .initial_latents = baseline_initial_latents,
                                             .h_level = true,
                                             .from_hrm = true,
                                             .step = baseline_step};

}  // namespace trm
