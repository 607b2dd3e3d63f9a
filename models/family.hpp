#pragma once
// The registry of model families: how they differ, apart from their hyperparameters. A family is one file in families/,
// which defines its entry, and a line in family.cpp.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/state.hpp"
#include "models/weights.hpp"
#include "runtime/noise.hpp"
#include "runtime/scratch.hpp"
#include "runtime/team.hpp"
#include "runtime/trace.hpp"

namespace trm {

// The trace of a step, and the number of the step's passes so far.
struct StepTrace {
  const Trace& trace;
  std::int64_t passes = 0;
};

// What a step works with. The lead of the team calls it.
struct StepContext {
  Team& team;
  const KernelSet& kernels;
  const Hyperparameters& hyperparameters;
  const Weights& weights;
  State& state;
  NoisePlace place{};                // of the noise that the family itself adds; its latent is not set
  std::span<const Scratch> scratch;  // one for each member of the team
  StepTrace* trace = nullptr;        // null: no tensors are traced
  // Asked before every pass. Once the run is to end it stays true, and the remaining passes do nothing.
  const std::function<bool()>* stopped = nullptr;  // null: never
};

// One pass of a network: latent <- net(latent + injections).
void pass(const StepContext& context, const Network& network, MatrixView<float> latent,
          std::span<const MatrixView<const float>> injections);

// A field of a family's configuration: its name there, and ours (hyperparameter_fields). Where theirs is empty the
// configuration has no such field, or the family does not read it.
struct FieldName {
  std::string_view theirs;
  std::string_view ours;
};

struct Family {
  std::string_view name;     // the module in `arch.name` of a training configuration
  std::string_view alias{};  // the same family's module in another code base
  // The tensors that a fresh carry starts from, one a latent: "H_init". The heads read the first latent. A name that
  // ends in "H_init" makes its latent z_high.
  std::span<const char* const> initial_latents;
  bool h_level = false;  // has a network H_level of H_layers layers
  bool l_level = false;  // has a network L_level of L_layers layers
  // Where latents start at random and no tensor holds their start: the standard deviation of each. Empty: they start
  // from the tensors, as with Hyperparameters::fixed_init.
  std::span<double Hyperparameters::*const> start_deviations{};
  bool mamba = false;        // its layers have Mamba-2 sub-layers
  bool fixed_point = false;  // it iterates to a fixed point: Weights::fixed_point, State::fixed_point
  // What the keys of its tensors begin with, where that is not TRM's.
  std::string_view l_level_name = "L_level";
  const char* token_embedding = "embed_tokens.embedding_weight";
  std::int64_t q_outputs = 2;          // of the halting head: halt, continue; or halt alone
  bool convolves_gated_units = false;  // MlpConvolution::after_gate
  bool exact_rotary = false;           // angles of rotary positions in double, else in float32
  // Which defaults a training configuration has. HRM's: a sample halts when q_halt exceeds q_continue, and there are as
  // many puzzle slots as the puzzle embedding fills. TRM's: it halts when q_halt is positive, and there are 16 slots.
  bool from_hrm = false;
  std::span<const FieldName> field_names{};  // fields that its configurations call by other names
  // The family's own defaults, over which a configuration is read; null: TRM's.
  void (*defaults)(Hyperparameters& hyperparameters) = nullptr;
  // How its configurations name positions. A name without a value is an error.
  std::optional<PositionEncoding> (*positions)(std::string_view text) = parse_position_encoding;
  // Whether puzzle_emb_len 0 means "as many tokens as the puzzle embedding fills", and counts as 0 without one.
  bool derives_prefix = true;

  // One supervision step on the latents of the state.
  void (*step)(const StepContext& context) = nullptr;
};

[[nodiscard]] bool starts_at_random(const Hyperparameters& hyperparameters);
// Whether answers depend on the seed and the sample's noise_key even without RunOptions::noise.
[[nodiscard]] bool draws_random_numbers(const Hyperparameters& hyperparameters);

// How many latents are z_high, which starts from H_init and is the first latent: 1 or 0. The others are z_low.
[[nodiscard]] std::size_t z_high_count(const Family& family);

[[nodiscard]] std::span<const Family* const> all_families();

// By name or alias. Throws Error(input) for an unknown name, listing the known ones.
[[nodiscard]] const Family& family(std::string_view name);

// Their names as a message lists them: "hrm, trm, ...".
[[nodiscard]] std::string family_names(std::span<const Family* const> families);

}  // namespace trm
