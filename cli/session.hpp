#pragma once
// A model ready to run with the options of the command line.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cli/common.hpp"
#include "models/model.hpp"

namespace trm {

// MODEL, of every command that runs a model and has none of its own: named with -m, anywhere in the command, or first
// of all. prepared() puts the value of -m into the first place.
void add_model_option(CLI::App& command, std::string& model);

// A model in a file, or in memory that outlives its use.
struct ModelSource {
  std::string name;  // the file's path; of bytes a name for messages
  std::span<const std::byte> bytes;
};

// Options of every command that runs a model.
struct StepOptions {
  std::int64_t steps = 0;  // 0: the model's halt_max_steps
  std::string halt{};      // the margin; empty: samples run to the end
  bool every_step = false;
};
// "--halt" or "--halt=3", of a run that halts.
[[nodiscard]] std::string halting_text(const RunOptions& run);
// Without help for it there is no --every-step.
void add_step_options(CLI::App& command, StepOptions& options, const std::string& every_step_help);

struct CommandSession {
  std::string name;  // the model's file, for messages
  Model model;
  RunOptions run;
};

// Throws Error(usage) for a kernel set this CPU lacks, else what Model::load throws.
[[nodiscard]] CommandSession open_session(const ModelSource& model, const CommonOptions& common,
                                          const StepOptions& steps);
[[nodiscard]] CommandSession open_session(const std::string& model_path, const CommonOptions& common,
                                          const StepOptions& steps);

// Steps the session will run at most.
[[nodiscard]] std::int64_t steps_of(const CommandSession& session);
// Threads the session will use.
[[nodiscard]] int threads_of(const CommandSession& session);

// "0.52 s, 2 threads, avx512, f32; peak memory 34 MB".
[[nodiscard]] std::string cost_text(const CommandSession& session, double seconds);

}  // namespace trm
