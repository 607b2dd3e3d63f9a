// TRM with six low latents that are renewed one after the other (arXiv 2510.04871, ablation).

#include <array>

#include "models/family.hpp"

namespace trm {
namespace {

constexpr std::array hier6_initial_latents = {"H_init",  "L1_init", "L2_init", "L3_init",
                                              "L4_init", "L5_init", "L6_init"};
constexpr std::size_t low_latents = hier6_initial_latents.size() - 1;

// repeat H_cycles: { for each L cycle j: z_j <- net(sum z, z_H + x);  z_H <- net(z_H, sum z) }
void hier6_step(const StepContext& c) {
  const auto& net = c.weights.l_level;
  const auto z_high = c.state.latent(0);
  std::array<MatrixView<float>, low_latents> z;
  for (std::size_t j = 0; j < low_latents; ++j) z[j] = c.state.latent(1 + j);
  std::array<MatrixView<const float>, low_latents> sum;
  for (std::size_t j = 0; j < low_latents; ++j) sum[j] = as_const(z[j]);
  for (std::int64_t h_cycle = 0; h_cycle < c.hyperparameters.h_cycles; ++h_cycle) {
    for (std::int64_t l_cycle = 0; l_cycle < c.hyperparameters.l_cycles; ++l_cycle) {
      const auto j = static_cast<std::size_t>(l_cycle) % low_latents;
      std::array<MatrixView<const float>, low_latents + 1> think;  // the other five, z_H and x: z_j is there already
      std::size_t count = 0;
      for (std::size_t i = 0; i < low_latents; ++i) {
        if (i != j) think[count++] = sum[i];
      }
      think[count++] = as_const(z_high);
      think[count++] = as_const(c.state.input_embedding);
      pass(c, net, z[j], think);
    }
    pass(c, net, z_high, sum);
  }
}

}  // namespace

extern const Family trm_hier6_family;
const Family trm_hier6_family = {
    .name = "trm_hier6", .initial_latents = hier6_initial_latents, .l_level = true, .step = hier6_step};

}  // namespace trm
