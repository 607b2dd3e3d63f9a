// Universal Reasoning Model (arXiv 2512.14693): one latent, and a short convolution in every feed-forward. Written from
// the equations.

#include <array>

#include "models/family.hpp"

namespace trm {
namespace {

constexpr std::array urm_initial_latents = {"init_hidden"};

constexpr auto urm_field_names = std::to_array<FieldName>({
    {"loops", "halt_max_steps"},
    {"num_layers", "L_layers"},
    {"", "pos_encodings"},   // always rotary
    {"", "puzzle_emb_len"},  // always as many as the puzzle embedding fills
});

void urm_defaults(Hyperparameters& h) {
  h.puzzle_emb_len = 0;
}

// repeat H_cycles * L_cycles: h <- net(h + x)
void urm_step(const StepContext& c) {
  const std::array injection = {as_const(c.state.input_embedding)};
  const std::int64_t passes = c.hyperparameters.h_cycles * c.hyperparameters.l_cycles;
  for (std::int64_t i = 0; i < passes; ++i) pass(c, c.weights.l_level, c.state.latent(0), injection);
}

}  // namespace

extern const Family urm_family;
const Family urm_family = {.name = "urm",
                           .initial_latents = urm_initial_latents,
                           .l_level = true,
                           .l_level_name = "",
                           .convolves_gated_units = true,
                           .exact_rotary = true,
                           .field_names = urm_field_names,
                           .defaults = urm_defaults,
                           .step = urm_step};

}  // namespace trm
