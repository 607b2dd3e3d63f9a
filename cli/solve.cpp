#include "cli/solve.hpp"

#include <array>
#include <fstream>
#include <map>
#include <mutex>
#include <utility>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/duration.hpp"
#include "cli/in_order.hpp"
#include "cli/interrupt.hpp"
#include "cli/solve_report.hpp"
#include "cli/terminal.hpp"
#include "puzzles/kinds.hpp"
#include "puzzles/views.hpp"

namespace trm {
namespace {

// The puzzles of all inputs, one input after the other.
class Inputs {
 public:
  Inputs(const PuzzleTask& task, std::vector<std::string> names) : task_(task), names_(std::move(names)) {
    if (names_.empty()) names_.emplace_back("-");
  }

  std::optional<ReadPuzzle> next() {
    while (!interrupted()) {
      if (reader_) {
        if (auto puzzle = reader_->next()) return puzzle;
        reader_.reset();
      }
      if (opened_ == names_.size()) break;
      reader_ = task_.open(names_[opened_++]);
    }
    return std::nullopt;
  }

  [[nodiscard]] bool ready() const { return !reader_ || reader_->ready(); }

 private:
  const PuzzleTask& task_;
  std::vector<std::string> names_;
  std::size_t opened_ = 0;
  std::optional<PuzzleReader> reader_;
};

// Puzzles that were read and are not answered yet, by their place in the order of reading.
class Pending {
 public:
  void put(std::size_t puzzle, Answered answered) {
    const std::lock_guard lock(mutex_);
    puzzles_.emplace(puzzle, std::move(answered));
  }
  // Called by one thread at a time for each puzzle.
  [[nodiscard]] Answered& at(std::size_t puzzle) {
    const std::lock_guard lock(mutex_);
    return puzzles_.at(puzzle);
  }
  [[nodiscard]] Answered take(std::size_t puzzle) {
    const std::lock_guard lock(mutex_);
    return std::move(puzzles_.extract(puzzle).mapped());
  }

 private:
  std::mutex mutex_;
  std::map<std::size_t, Answered> puzzles_;
};

bool is_model_file(const std::string& path) {
  std::array<char, 4> start{};
  return std::ifstream(path, std::ios::binary).read(start.data(), start.size()) &&
         std::string_view(start.data(), start.size()) == "GGUF";
}

// How often and for how long each puzzle is tried.
SolveOptions tries_of(const CommandSession& session, const PuzzleTask& task, const SolveArguments& arguments) {
  SolveOptions options = options_of(task.kind, session.model.hyperparameters(), session.run, arguments.tries);
  options.stop_when_solved = options.tries > 1;  // one try: the model alone
  if (!arguments.time_limit.empty()) options.time_limit = parse_duration(arguments.time_limit);
  return options;
}

// Returns how many puzzles were read.
std::size_t run_tries(const CommandSession& session, const PuzzleTask& task, const SolveArguments& arguments,
                      SolveOptions options, Inputs& inputs, SolvePrinter& printer, InOrder<Answered>& finished) {
  Pending pending;
  std::size_t read = 0;
  if (printer.watching()) options.window = 1;
  const QuestionSource source{[&]() -> std::optional<std::vector<std::int32_t>> {
                                auto puzzle = inputs.next();
                                if (!puzzle) return std::nullopt;
                                auto question = puzzle->question;
                                Answered answered;
                                answered.puzzle = std::move(*puzzle);
                                pending.put(read++, std::move(answered));
                                return question;
                              },
                              [&] { return inputs.ready(); }};
  SolveEvents events{.finished =
                         [&](std::size_t puzzle, Solution solution) {
                           Answered answered = pending.take(puzzle);
                           answered.solution = std::move(solution);
                           finished.put(puzzle, std::move(answered));
                         },
                     .step = {},
                     .cancel = interrupted};
  if (arguments.steps.every_step) {
    events.step = [&](const SolveStep& step) {
      Answered& answered = pending.at(step.puzzle);
      answered.frames.push_back({step.attempt, step.step, {step.answer.begin(), step.answer.end()}, step.q_halt});
      if (printer.watching()) printer.draw(step.puzzle, answered.puzzle.question, step);
    };
  }
  const std::int64_t vocab_size = session.model.hyperparameters().vocab_size;
  return solve(propose_with(session.model), task.kind, vocab_size, options, source, events);
}

// The other way to choose an answer: several noisy trajectories, of which the halting head or a vote takes one.
std::size_t run_samples(const CommandSession& session, const PuzzleTask& task, const SolveArguments& arguments,
                        Inputs& inputs, InOrder<Answered>& finished) {
  std::vector<ReadPuzzle> puzzles;
  while (auto puzzle = inputs.next()) puzzles.push_back(std::move(*puzzle));
  std::vector<Sample> samples(puzzles.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = {.inputs = puzzles[i].question, .noise_key = puzzle_key(puzzles[i].question)};
  }
  run_trajectories(
      session.model, session.run, samples, arguments.trajectories.samples,
      [&](std::size_t puzzle, const std::vector<Trajectory>& trajectories) {
        const Choice choice = choose(answers_of(trajectories), arguments.trajectories.best);
        const Trajectory& chosen = trajectories[choice.index];
        const StepAnswer& last = chosen.steps.back();
        finished.put(puzzle, {.puzzle = puzzles[puzzle],
                              .solution = {.answer = last.tokens,
                                           .faults = task.kind.faults(puzzles[puzzle].question, last.tokens),
                                           .attempt = 1,
                                           .tries = 1,
                                           .steps = chosen.steps_used,
                                           .halted = chosen.halted,
                                           .q_halt = last.q_halt},
                              .frames = {},
                              .trajectory = choice.index,
                              .agreeing = choice.agreeing});
      },
      interrupted, arguments.trajectories.best);
  return puzzles.size();
}

}  // namespace

void add_solve_options(CLI::App& command, SolveArguments& options, const std::string& input_help) {
  command.add_option("INPUT", options.inputs, input_help)->type_name("")->expected(0, -1);
  command.add_option("-m,--model", options.model, "Model file (.gguf)")->type_name("MODEL");
  command
      .add_option("--tries", options.tries,
                  "Tries of each puzzle until the rules accept an answer (default: 14 of a\n"
                  "sudoku, 8 of a maze); 1: the model alone, with all its steps")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20).description(""))
      ->type_name("N");
  command.add_option("--time-limit", options.time_limit, "No second tries after this time (90s, 5m, 2h)")
      ->type_name("T");
  add_step_options(command, options.steps,
                   "Show the answer after each step, not only after the last; on a terminal on\n"
                   "one board that changes");
  command.get_option("--steps")->description(
      "Supervision steps of a try (default: what the model was trained for; of a\n"
      "sudoku that may have several tries 10 of 16)");
  add_trajectory_options(command, options.trajectories);
  command.add_flag("--board", options.board, "Draw boards (the default where stdout is a terminal)");
}

void separate_model(SolveArguments& options) {
  if (!options.model.empty() || options.inputs.empty()) return;
  const std::string& first = options.inputs.front();
  if (!first.ends_with(".gguf") && !is_model_file(first)) return;
  options.model = first;
  options.inputs.erase(options.inputs.begin());
}

void note_keyboard(const SolveArguments& options, const CommonOptions& common, const std::string& form) {
  const bool keyboard = options.inputs.empty() || options.inputs.front() == "-";
  if (!keyboard || !stdin_is_terminal() || common.quiet) return;
  note("reading from the keyboard: " + form + "; Ctrl-D ends the input, Ctrl-C the program");
}

int solve(const CommandSession& session, const PuzzleTask& task, const CommonOptions& common,
          const SolveArguments& arguments) {
  const Stopwatch watch;
  const bool samples = arguments.trajectories.samples > 1;
  if (samples && arguments.tries > 1) {
    throw Error(ErrorKind::usage,
                "--samples chooses among noisy runs, --tries lets the rules choose; give one of them");
  }
  SolveOptions options = tries_of(session, task, arguments);
  if (samples) options.tries = 1;
  Inputs inputs(task, arguments.inputs);
  SolvePrinter printer(task, common, arguments, options.tries);
  InOrder<Answered> finished([&](std::size_t puzzle, const Answered& answered) { printer.show(puzzle, answered); });
  const std::size_t read = samples ? run_samples(session, task, arguments, inputs, finished)
                                   : run_tries(session, task, arguments, options, inputs, printer, finished);
  const std::size_t count = finished.finish();
  if (!common.quiet) {
    note(summary_text(printer.counts(), task.noun, options.tries) + ' ' + cost_text(session, watch.seconds()));
  }
  if (!interrupted()) return exit_done;
  note("trm: interrupted: " + std::to_string(read - count) + " of " + std::to_string(read) + ' ' + task.noun +
       "s were not finished");
  return exit_interrupted;
}

}  // namespace trm
