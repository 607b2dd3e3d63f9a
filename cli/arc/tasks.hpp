#pragma once
// ARC tasks as they are given on the command line, and the samples that a model can be run on.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "arc/run/plan.hpp"
#include "arc/vote/pass_at.hpp"
#include "cli/command.hpp"
#include "cli/session.hpp"

namespace trm {

struct ArcTaskOptions {
  std::string challenges;
  std::string solutions;    // empty: the solutions that the challenges carry
  std::string identifiers;  // empty: the names in the model file
  std::size_t samples = 0;  // of each test input; 0: all views that the model was trained on
};
// Returns --challenges, which the others refer to.
CLI::Option* add_arc_task_options(CLI::App& command, ArcTaskOptions& options);

// Nothing unless every solution is known. Throws what read_solutions throws.
[[nodiscard]] std::optional<arc::Solutions> solutions_of(const ArcTaskOptions& options,
                                                         const std::vector<arc::Task>& tasks);

// Warns of tasks and views that the model was not trained on; they are left out. Throws Error(input) when nothing is
// left, or the model is not one for ARC.
[[nodiscard]] arc::Plan plan_of(const CommandSession& session, const ArcTaskOptions& options,
                                std::vector<arc::Task> tasks);

// Names the tasks with a fault, which are left out, on stderr.
void warn_of_faults(const std::vector<arc::Task>& tasks);

// The first few of the names, and how many more there are.
[[nodiscard]] std::string listed(const std::vector<std::string>& names);

}  // namespace trm
