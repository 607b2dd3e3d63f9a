#pragma once
// TRM's recursion, for the families that differ from it in their layers only.

#include <array>

#include "models/family.hpp"

namespace trm {

inline constexpr std::array trm_initial_latents = {"H_init", "L_init"};

void trm_step(const StepContext& context);

}  // namespace trm
