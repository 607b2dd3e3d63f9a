#pragma once
// The registry of model families: how they differ, apart from their hyperparameters. A family is one file in families/,
// which defines its entry, and a line in family.cpp.

#include <span>
#include <string>
#include <string_view>

#include "models/state.hpp"
#include "models/weights.hpp"
#include "runtime/scratch.hpp"
#include "runtime/team.hpp"
#include "runtime/trace.hpp"

namespace trm {

// Who looks on while a step computes, and at which of its passes it is.
struct StepTrace {
  const Trace& trace;
  std::int64_t passes = 0;
};

// What a step works with. The state belongs to the sample, the scratch to the calling thread.
struct StepContext {
  Team& team;
  const KernelSet& kernels;
  const Hyperparameters& hyperparameters;
  const Weights& weights;
  const State& state;
  const Scratch& scratch;
  StepTrace* trace = nullptr;  // null: nobody looks on
};

// One pass of a network: latent <- net(latent + injections). Called by every member of the team.
void pass(const StepContext& context, const Network& network, MatrixView<float> latent,
          std::span<const MatrixView<const float>> injections);

struct Family {
  std::string_view name;     // the module in `arch.name` of a training configuration
  std::string_view alias{};  // the same family's module in another code base
  // The tensors that a fresh carry starts from, one a latent: "H_init". The heads read the first latent.
  std::span<const char* const> initial_latents;
  bool h_level = false;  // has a network H_level of H_layers layers
  bool l_level = false;  // has a network L_level of L_layers layers
  bool mamba = false;    // its layers have Mamba-2 sub-layers
  // Which defaults a training configuration has. HRM's: a sample halts when q_halt exceeds q_continue, and there are as
  // many puzzle slots as the puzzle embedding fills. TRM's: it halts when q_halt is positive, and there are 16 slots.
  bool from_hrm = false;

  // One supervision step on the latents of the state. Called by every member of the team.
  void (*step)(const StepContext& context) = nullptr;
};

// How many latents are z_high, which starts from H_init and is the first latent: 1 or 0. The others are z_low.
[[nodiscard]] std::size_t z_high_count(const Family& family);

[[nodiscard]] std::span<const Family* const> all_families();

// By name or alias. Throws Error(input) for an unknown name, listing the known ones.
[[nodiscard]] const Family& family(std::string_view name);

// Their names as a message lists them: "hrm, trm, ...".
[[nodiscard]] std::string family_names(std::span<const Family* const> families);

}  // namespace trm
