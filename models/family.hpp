#pragma once
// The registry of model families: what differs between them besides numbers.

#include <span>
#include <string_view>

#include "models/state.hpp"
#include "models/weights.hpp"
#include "runtime/scratch.hpp"
#include "runtime/team.hpp"

namespace trm {

// What a step works with. The state is the sample's, the scratch this thread's.
struct StepContext {
  Team& team;
  const KernelSet& kernels;
  const Hyperparameters& hyperparameters;
  const Weights& weights;
  const State& state;
  const Scratch& scratch;
};

struct Family {
  std::string_view name;
  // One supervision step on the latents of the state. Called by every member of the team.
  void (*step)(const StepContext& context);
};

// Throws Error(input) for an unknown name, listing the known ones.
[[nodiscard]] const Family& family(std::string_view name);

}  // namespace trm
