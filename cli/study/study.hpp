#pragma once
// What the studies share: how they are registered, and the examples of a data set that a model is run on.

#include <string>

#include "cli/command.hpp"
#include "cli/examples.hpp"
#include "cli/session.hpp"
#include "cli/study/line_plot.hpp"
#include "puzzles/data_set.hpp"

namespace trm {

// Options of every study that runs a model.
struct StudyOptions {
  std::string model;
  ExampleOptions examples;
  std::int64_t steps = 0;  // 0: the model's halt_max_steps
  std::string plot;        // empty: none is written
  bool wide = false;       // tables show the ends of intervals
};
// All but the model. Returns DATA, for studies that can do without.
CLI::Option* add_study_options(CLI::App& command, StudyOptions& options);
void add_plot_option(CLI::App& command, std::string& plot);
void add_wide_option(CLI::App& command, bool& wide);

// What "±" in a table means.
inline constexpr const char* interval_note = "\u00b1: half the width of the 95 % interval; --wide shows its ends\n";

struct Study {
  CommandSession session;
  DataSet data;
  std::size_t total = 0;  // examples to run
};
[[nodiscard]] Study open_study(const CommonOptions& common, const StudyOptions& options);

// "sudoku.gguf on test.csv", of the files' own names: a plot's title.
[[nodiscard]] std::string subject(const std::string& model, const std::string& data);

// Throws Error(input) unless an example had a label, or the run was interrupted.
void require_labels(std::size_t labelled, const DataSet& data);

// Nothing for an empty path. Throws Error(io).
void write_plot(const std::string& path, const LinePlot& plot);

// One file each.
void add_identity_study(CLI::App& study, Program& program);
void add_noise_study(CLI::App& study, Program& program);
void add_quantization_study(CLI::App& study, Program& program);
void add_steps_study(CLI::App& study, Program& program);
void add_trace_study(CLI::App& study, Program& program);
void add_tries_study(CLI::App& study, Program& program);
void add_votes_study(CLI::App& study, Program& program);

}  // namespace trm
