#pragma once
// The registry of model families: what differs between them besides numbers. A family is one file, which defines its
// entry, and a line in family.cpp.

#include <span>
#include <string>
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

// One pass of a network: latent <- net(latent + injections). Called by every member of the team.
void pass(const StepContext& context, const Network& network, MatrixView<float> latent,
          std::span<const MatrixView<const float>> injections);

struct Family {
  std::string_view name;     // the module in `arch.name`
  std::string_view alias{};  // the same family's module in another code base
  std::span<const char* const>
      inits;             // a fresh carry: the vector that each latent starts from. The first latent answers.
  bool h_level = false;  // has a network H_level of H_layers layers
  bool l_level = false;  // has a network L_level of L_layers layers
  bool mamba = false;    // with Mamba-2 sub-layers
  // What a training configuration means that does not say:
  bool from_hrm = false;  // halting compares q_halt with q_continue; as many puzzle slots as the embedding fills

  // One supervision step on the latents of the state. Called by every member of the team.
  void (*step)(const StepContext& context) = nullptr;
};

// How many latents are z_high, that is start from H_init: one or none, the first. The others are z_low.
[[nodiscard]] std::size_t high_latents(const Family& family);

[[nodiscard]] std::span<const Family* const> all_families();

// By name or alias. Throws Error(input) for an unknown name, listing the known ones.
[[nodiscard]] const Family& family(std::string_view name);

// "hrm, trm, ...", for messages.
[[nodiscard]] std::string family_names(std::span<const Family* const> families);

}  // namespace trm
