// The Mamba-2 attention hybrid (arXiv 2602.12078): TRM's recursion over layers that begin with Mamba-2.

#include "models/families/trm_step.hpp"

namespace trm {

extern const Family trm_mamba2_family;
const Family trm_mamba2_family = {
    .name = "trm_mamba2", .initial_latents = trm_initial_latents, .l_level = true, .mamba = true, .step = trm_step};

}  // namespace trm
