#pragma once
// trm_halt, as the options of runs, puzzles and ARC have it.

#include <trm.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "capi/guard.hpp"
#include "models/model.hpp"

namespace trm::capi {

inline void set_halting(std::int32_t halt, float margin, RunOptions& run) {
  if (halt != TRM_HALT_RESIDUAL) {
    run.halt = halt != TRM_HALT_NOT;
    run.halt_margin = margin;
    return;
  }
  if (!std::isfinite(margin) || margin < 0) {
    refuse("halt_margin", std::to_string(margin) + " is no change of logits", "give a finite number above 0, or 0");
  }
  run.halt_residual = margin == 0 ? usual_halt_residual : margin;
}

}  // namespace trm::capi
