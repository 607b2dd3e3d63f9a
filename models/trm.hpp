#pragma once
// Tiny Recursive Model (arXiv 2510.04871).

#include "models/family.hpp"

namespace trm {

void trm_step(const StepContext& context);

}  // namespace trm
