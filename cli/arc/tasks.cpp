#include "cli/arc/tasks.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cli/terminal.hpp"

namespace trm {
namespace {

void warn_of_lost_names(const std::vector<std::string>& names, const std::string& reason) {
  if (!names.empty()) note("trm: warning: " + reason + ": " + listed(names));
}

// "a|||t9|||0123456789 (and 3 more of its task)"; added where there is any.
void add_lost(const arc::LostNames& lost, std::vector<std::string>& names) {
  if (lost.count == 0) return;
  names.push_back(lost.first +
                  (lost.count > 1 ? " (and " + std::to_string(lost.count - 1) + " more of its task)" : ""));
}

// Warns of tasks and views that the model cannot be asked, and why. Throws Error(input) when nothing is left to ask.
void report_untrained(const CommandSession& session, const arc::Plan& plan, std::size_t wanted) {
  std::vector<std::string> untrained;
  std::vector<std::string> missing;
  std::vector<std::string> unreadable;
  std::vector<std::string> few;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    const auto& [views, without_row, unreadable_names] = plan.views[i];
    const arc::Task& task = plan.tasks[i];
    add_lost(without_row, missing);
    add_lost(unreadable_names, unreadable);
    if (views.empty() && task.fault.empty())
      untrained.push_back(task.name);
    else if (!views.empty() && views.size() < wanted)
      few.push_back(task.name + " (" + std::to_string(views.size()) + ")");
  }
  warn_of_lost_names(unreadable,
                     "puzzle ids whose names look like augmentations, but have neither of the two known forms, are "
                     "left out");
  arc::require_trained(plan, session.name);
  warn_of_lost_names(untrained, std::to_string(untrained.size()) + " of " + std::to_string(plan.tasks.size()) +
                                    " tasks are left out, as the model has no trained id for them and its accuracy "
                                    "would be zero");
  warn_of_lost_names(missing, "augmentations without a row in the model file are left out, as accuracy would be zero");
  warn_of_lost_names(few, std::to_string(few.size()) + " tasks have fewer than " + std::to_string(wanted) +
                              " trained augmentations, and all of them are used");
}

}  // namespace

CLI::Option* add_arc_task_options(CLI::App& command, ArcTaskOptions& options) {
  CLI::Option* challenges =
      command
          .add_option("--challenges", options.challenges,
                      "The tasks: a file in the official form, a file of one task,\nor a folder of such files (.json)")
          ->type_name("FILE");
  command.add_option("--solutions", options.solutions, "Their answers, to count what is right")->type_name("FILE");
  command
      .add_option("--identifiers", options.identifiers,
                  "identifiers.json of the model's training data; needed where the\nmodel file holds no names")
      ->type_name("FILE");
  command
      .add_option("--samples", options.samples,
                  "Samples of each test input, in the order of the puzzle ids, the plain\npuzzle first (default: all "
                  "that the model was trained on)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30).description(""))
      ->type_name("N");
  return challenges;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > shown ? text + " and " + std::to_string(names.size() - shown) + " more" : text;
}

void warn_of_faults(const std::vector<arc::Task>& tasks) {
  constexpr std::size_t shown = 5;
  std::size_t faults = 0;
  for (const arc::Task& task : tasks) {
    if (task.fault.empty() || faults++ >= shown) continue;
    note("trm: warning: " + task.fault + "; the task is left out, and its answer is a placeholder");
  }
  if (faults > shown) note("trm: warning: " + std::to_string(faults - shown) + " more tasks are left out likewise");
}

std::optional<arc::Solutions> solutions_of(const ArcTaskOptions& options, const std::vector<arc::Task>& tasks) {
  if (options.solutions.empty()) return arc::carried_solutions(tasks);
  return arc::read_solutions(options.solutions, tasks);
}

arc::Plan plan_of(const CommandSession& session, const ArcTaskOptions& options, std::vector<arc::Task> tasks) {
  arc::fit_tasks(session.model, session.name, tasks);
  warn_of_faults(tasks);
  const auto identifiers =
      options.identifiers.empty() ? std::nullopt : std::optional<std::filesystem::path>(options.identifiers);
  arc::Plan plan = arc::plan_of(session.model, session.name, std::move(tasks), identifiers, options.samples);
  report_untrained(session, plan, options.samples);
  return plan;
}

}  // namespace trm
