#include "cli/solve.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/in_order.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

using nlohmann::ordered_json;

// What the model answered to one puzzle.
struct Solution {
  Trajectory trajectory;
  Choice choice;  // of it among all trajectories
  [[nodiscard]] Tokens answer() const { return trajectory.steps.back().tokens; }
};

std::string join(const std::vector<std::string>& faults, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(faults.size(), most); ++i) text += (i == 0 ? "" : "; ") + faults[i];
  if (faults.size() > most) text += "; and " + std::to_string(faults.size() - most) + " more";
  return text;
}

std::string verdict_text(const PuzzleTask& task, std::size_t puzzle, const Solution& solution, const Verdict& verdict,
                         std::size_t samples) {
  constexpr std::size_t most_faults = 3;
  std::string text = task.noun + ' ' + std::to_string(puzzle + 1) + " (line " + std::to_string(task.lines[puzzle]) +
                     "): " + (verdict.faults.empty() ? "solved" : "not solved: " + join(verdict.faults, most_faults));
  if (!verdict.remark.empty()) text += ", " + verdict.remark;
  const std::string steps =
      std::to_string(solution.trajectory.steps_used) + (solution.trajectory.steps_used == 1 ? " step" : " steps");
  text += (solution.trajectory.halted ? " (halted after " : " (") + steps;
  if (samples > 1)
    text += "; " + std::to_string(solution.choice.agreeing) + " of " + std::to_string(samples) + " agree";
  return text + ")";
}

ordered_json to_json(const PuzzleTask& task, std::size_t puzzle, const Solution& solution, const Verdict& verdict,
                     const SolveOptions& options) {
  ordered_json object{{"puzzle", puzzle + 1},
                      {"line", task.lines[puzzle]},
                      {"question", task.question(puzzle)},
                      {"answer", task.one_line(solution.answer())},
                      {"solved", verdict.faults.empty()},
                      {"faults", verdict.faults},
                      {"steps", solution.trajectory.steps_used},
                      {"halted", solution.trajectory.halted},
                      {"q_halt", solution.trajectory.steps.back().q_halt}};
  if (!verdict.remark.empty()) object["remark"] = verdict.remark;
  if (options.trajectories.samples > 1) {
    object["trajectory"] = solution.choice.index;
    object["agreeing"] = solution.choice.agreeing;
  }
  if (!options.steps.every_step) return object;
  object["every_step"] = ordered_json::array();
  for (std::size_t i = 0; i < solution.trajectory.steps.size(); ++i) {
    const auto& [tokens, q_halt] = solution.trajectory.steps[i];
    object["every_step"].push_back({{"step", i + 1},
                                    {"answer", task.one_line(tokens)},
                                    {"solved", task.check(puzzle, tokens).faults.empty()},
                                    {"q_halt", q_halt}});
  }
  return object;
}

// "step 3: 12 cells changed, q_halt -2.13".
std::string step_caption(const Solution& solution, std::size_t step) {
  const auto& now = solution.trajectory.steps[step];
  std::string text = "step " + std::to_string(step + 1);
  if (step > 0) {
    const auto& before = solution.trajectory.steps[step - 1].tokens;
    std::size_t changed = 0;
    for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] != now.tokens[i] ? 1 : 0;
    text += ": " + std::to_string(changed) + (changed == 1 ? " cell changed" : " cells changed");
  }
  return text + (step > 0 ? ", q_halt " : ": q_halt ") + fixed(now.q_halt, 2);
}

// Answers on stdout, verdicts on stderr. Called for one puzzle at a time.
class Printer {
 public:
  Printer(const PuzzleTask& task, const CommonOptions& common, const SolveOptions& options)
      : task_(task),
        options_(options),
        json_(common.json),
        quiet_(common.quiet),
        board_(options.board || (stdout_is_terminal() && !common.json)),
        colour_(stdout_has_colour()) {}

  void show(std::size_t puzzle, const Solution& solution) {
    const Verdict verdict = task_.check(puzzle, solution.answer());
    solved_ += verdict.faults.empty() ? 1 : 0;
    if (json_) {
      print(json_line(to_json(task_, puzzle, solution, verdict, options_)));
    } else if (options_.steps.every_step) {
      for (std::size_t step = 0; step < solution.trajectory.steps.size(); ++step) show_step(puzzle, solution, step);
    } else {
      print(answer_text(puzzle, solution.answer()));
    }
    if (!quiet_) note(verdict_text(task_, puzzle, solution, verdict, options_.trajectories.samples));
  }

  [[nodiscard]] std::size_t solved() const { return solved_; }

 private:
  [[nodiscard]] std::string answer_text(std::size_t puzzle, Tokens answer) const {
    return board_ ? task_.board(puzzle, answer, colour_) : task_.text(answer);
  }

  // A one-line answer with its caption behind, a taller one with its caption above.
  void show_step(std::size_t puzzle, const Solution& solution, std::size_t step) const {
    std::string text = answer_text(puzzle, solution.trajectory.steps[step].tokens);
    const std::string caption = step_caption(solution, step);
    if (text.find('\n') + 1 == text.size()) {
      text.pop_back();
      print(text + "  " + caption + '\n');
    } else {
      print(caption + '\n' + text);
    }
  }

  const PuzzleTask& task_;
  const SolveOptions& options_;
  bool json_;
  bool quiet_;
  bool board_;
  bool colour_;
  std::size_t solved_ = 0;
};

std::vector<Sample> samples_of(const PuzzleTask& task) {
  const std::size_t cells = task.inputs.size() / task.lines.size();
  std::vector<Sample> samples(task.lines.size());
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i].inputs = std::span(task.inputs).subspan(i * cells, cells);
  return samples;
}

}  // namespace

void add_solve_options(CLI::App& command, SolveOptions& options, const std::string& file_help) {
  add_model_option(command, options.model);
  command.add_option("FILE", options.file, file_help)->type_name("");
  add_step_options(command, options.steps, "Show the answer after each step, not only after the last");
  add_trajectory_options(command, options.trajectories);
  command.add_flag("--board", options.board, "Draw boards (the default where stdout is a terminal)");
}

int solve(const Session& session, const PuzzleTask& task, const CommonOptions& common, const SolveOptions& options) {
  const Stopwatch watch;
  const std::vector<Sample> samples = samples_of(task);
  Printer printer(task, common, options);
  InOrder<Solution> finished(samples.size(),
                             [&](std::size_t puzzle, const Solution& solution) { printer.show(puzzle, solution); });
  run_trajectories(
      session.model, session.run, samples, 0, options.trajectories.samples,
      [&](std::size_t puzzle, std::vector<Trajectory> trajectories) {
        const Choice choice = choose(candidates(trajectories), options.trajectories.best);
        finished.put(puzzle, {std::move(trajectories[choice.index]), choice});
      },
      interrupted);
  const std::size_t count = finished.finish();
  const bool stopped = count < samples.size();
  if (!common.quiet) {
    note("solved " + std::to_string(printer.solved()) + " of " + std::to_string(count) + ' ' + task.noun +
         (count == 1 ? " in " : "s in ") + cost_text(session, watch.seconds()));
  }
  if (!stopped) return exit_done;
  note("trm: interrupted: " + std::to_string(samples.size() - count) + " of " + std::to_string(samples.size()) + ' ' +
       task.noun + "s were not finished");
  return exit_interrupted;
}

}  // namespace trm
