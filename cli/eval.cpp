// trm eval: how many puzzles with known answers a model gets right.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/examples.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/progress.hpp"
#include "cli/shares.hpp"
#include "cli/terminal.hpp"
#include "cli/trajectories.hpp"
#include "puzzles/data_set.hpp"
#include "puzzles/kinds.hpp"
#include "puzzles/score.hpp"
#include "quant/statistics.hpp"

namespace trm {
namespace {

struct EvalOptions {
  std::string model;
  ExampleOptions examples;
  StepOptions steps;
  TrajectoryOptions trajectories;
  std::size_t tries = 0;  // 0: none but the model's one run
};

// What trm sudoku and trm maze would solve: by their first try, and by all of them.
struct SolvedCounts {
  std::size_t puzzles = 0;
  std::size_t at_first_try = 0;
  std::size_t solved = 0;
  std::size_t steps = 0;  // of all tries of all puzzles
};

// One example after one step.
struct StepScore {
  Score score;
  float q_halt = 0;
};

// One example from start to end. Empty `steps`: not finished.
struct Outcome {
  std::vector<StepScore> steps;  // after each step, or only the last
  std::int64_t steps_used = 0;
  bool halted = false;
};

// Means after one step.
struct StepMeans {
  Accuracy accuracy;
  double mean_q = 0;
};

// Outcomes of a block's examples, in order.
std::vector<Outcome> run_block(const CommandSession& session, const TrajectoryOptions& options,
                               const ExampleBlock& block, Progress& progress) {
  std::vector<Outcome> outcomes(block.samples.size());
  run_trajectories(
      session.model, session.run, block.samples, options.samples,
      [&](std::size_t example, const std::vector<Trajectory>& trajectories) {
        const Trajectory& chosen = trajectories[choose(answers_of(trajectories), options.best).index];
        Outcome& outcome = outcomes[example];
        for (const auto& [tokens, q_halt] : chosen.steps) {
          outcome.steps.push_back({score(tokens, block.labels(example)), q_halt});
        }
        outcome.steps_used = chosen.steps_used;
        outcome.halted = chosen.halted;
        progress.advance();
      },
      interrupted, options.best);
  return outcomes;
}

// The same examples, judged by the rules of their kind of puzzle.
void count_solved(const CommandSession& session, const PuzzleKind& kind, std::size_t tries, const ExampleBlock& block,
                  SolvedCounts& counts) {
  const Hyperparameters& model = session.model.hyperparameters();
  SolveOptions options = options_of(kind, model, session.run, tries);
  options.run.halt = false;
  options.run.halt_residual = 0;
  for (const auto& solution :
       solve_all(propose_with(session.model), kind, model.vocab_size, options, block.samples, interrupted)) {
    if (!solution) continue;
    counts.puzzles += 1;
    counts.solved += solution->solved() ? 1 : 0;
    counts.at_first_try += solution->solved() && solution->attempt == 1 ? 1 : 0;
    counts.steps += static_cast<std::size_t>(solution->steps);
  }
}

// Index `step` of each outcome; one that halted before keeps its last answer.
StepMeans means_at(const std::vector<Outcome>& outcomes, std::size_t step) {
  std::vector<Score> scores;
  double q_sum = 0;
  for (const Outcome& outcome : outcomes) {
    if (outcome.steps.empty()) continue;
    const StepScore& at = outcome.steps[std::min(step, outcome.steps.size() - 1)];
    if (at.score.asked == 0) continue;
    scores.push_back(at.score);
    q_sum += at.q_halt;
  }
  return {accuracy(scores), scores.empty() ? 0 : q_sum / static_cast<double>(scores.size())};
}

double mean_steps(const SolvedCounts& counts) {
  return static_cast<double>(counts.steps) / std::max(1.0, static_cast<double>(counts.puzzles));
}

struct Report {
  std::string data;
  std::int64_t steps = 0;
  std::size_t unlabelled = 0;  // examples without any label, left out
  std::size_t unfinished = 0;  // interrupted before their last step
  StepMeans last;
  std::vector<StepMeans> per_step;  // with --every-step
  double mean_steps = 0;
  double halted = 0;      // share
  std::size_t tries = 0;  // 0: `solved` is not counted
  SolvedCounts solved{};
};

Report summarise(const std::vector<Outcome>& outcomes, const EvalOptions& options, const DataSet& data,
                 std::int64_t steps) {
  Report report;
  report.data = data.name;
  report.steps = steps;
  std::size_t finished = 0;
  for (const Outcome& outcome : outcomes) {
    if (outcome.steps.empty()) continue;
    finished += 1;
    report.unlabelled += outcome.steps.back().score.asked == 0 ? 1 : 0;
    report.mean_steps += static_cast<double>(outcome.steps_used);
    report.halted += outcome.halted ? 1 : 0;
  }
  report.unfinished = outcomes.size() - finished;
  report.mean_steps /= std::max(1.0, static_cast<double>(finished));
  report.halted /= std::max(1.0, static_cast<double>(finished));
  report.last = means_at(outcomes, static_cast<std::size_t>(steps) - 1);
  if (options.steps.every_step) {
    for (std::size_t step = 0; step < static_cast<std::size_t>(steps); ++step) {
      report.per_step.push_back(means_at(outcomes, step));
    }
  }
  return report;
}

void print_json(const Report& report, const CommandSession& session, const TrajectoryOptions& trajectories,
                double seconds) {
  const Accuracy& accuracy = report.last.accuracy;
  const Interval interval = wilson_interval(accuracy.exact_count, accuracy.examples);
  nlohmann::ordered_json object{{"data", report.data},
                                {"examples", accuracy.examples},
                                {"exact", accuracy.exact},
                                {"exact_count", accuracy.exact_count},
                                {"exact_interval", {interval.low, interval.high}},
                                {"token", accuracy.token},
                                {"mean_q", report.last.mean_q},
                                {"steps", report.steps},
                                {"unlabelled", report.unlabelled},
                                {"unfinished", report.unfinished}};
  if (session.run.may_halt()) {
    object["mean_steps"] = report.mean_steps;
    object["halted"] = report.halted;
  }
  if (trajectories.noise > 0 || trajectories.samples > 1) {
    object["samples"] = trajectories.samples;
    object["noise"] = trajectories.noise;
  }
  for (std::size_t i = 0; i < report.per_step.size(); ++i) {
    const auto& [at, mean_q] = report.per_step[i];
    object["per_step"].push_back({{"step", i + 1}, {"exact", at.exact}, {"token", at.token}, {"mean_q", mean_q}});
  }
  if (report.tries > 0) {
    object["tries"] = report.tries;
    object["solved_at_first_try"] = report.solved.at_first_try;
    object["solved"] = report.solved.solved;
    object["mean_steps_of_tries"] = mean_steps(report.solved);
  }
  object["seconds"] = seconds;
  object["peak_rss_bytes"] = peak_rss_bytes();
  object["threads"] = threads_of(session);
  object["isa"] = kernel_set_name(session.model.kernels());
  object["type"] = session.model.type();
  print(json_line(object));
}

void print_text(const Report& report, const CommandSession& session) {
  const Accuracy& accuracy = report.last.accuracy;
  print("data      " + report.data + "\nexamples  " + std::to_string(accuracy.examples) +
        (report.unlabelled > 0 ? " (" + std::to_string(report.unlabelled) + " more have no label)" : "") +
        "\nexact     " + exact_text(accuracy.exact_count, accuracy.examples) + "\ntoken     " +
        percent(accuracy.token) + "\nsteps     " + std::to_string(report.steps) + '\n');
  if (session.run.may_halt()) {
    print("halted    " + percent(report.halted) + ", after " + fixed(report.mean_steps, 2) + " steps on average\n");
  }
  if (report.tries > 0) {
    const SolvedCounts& solved = report.solved;
    print("solved    " + exact_text(solved.at_first_try, solved.puzzles) + " at the first try\n          " +
          exact_text(solved.solved, solved.puzzles) + " in at most " + std::to_string(report.tries) + " tries, " +
          fixed(mean_steps(solved), 2) + " steps on average\n");
  }
  if (report.per_step.empty()) return;
  print("\n step     exact     token   mean q_halt\n");
  for (std::size_t i = 0; i < report.per_step.size(); ++i) {
    const auto& [at, mean_q] = report.per_step[i];
    print(column(std::to_string(i + 1), 5) + column(percent(at.exact), 10) + column(percent(at.token), 10) +
          column(fixed(mean_q, 3), 14) + '\n');
  }
}

int evaluate(const CommonOptions& common, const EvalOptions& options) {
  const CommandSession session =
      open_session(ModelSource{options.model, {}}, common, options.steps, options.trajectories);
  const DataSet data = open_data_set(options.examples.data, session.model, session.name);
  const Stopwatch watch;
  const auto kind = kind_of(session.model.hyperparameters());
  if (options.tries > 0 && !kind) {
    throw Error(ErrorKind::usage, "--tries " + std::to_string(options.tries) + ": " + session.name +
                                      " solves neither sudokus nor mazes, and no other rules can judge its answers");
  }
  SolvedCounts solved;
  std::vector<Outcome> outcomes;
  const std::size_t total = examples_to_read(options.examples, data);
  {
    Progress progress(total, "examples", common.quiet);
    for_blocks(data, total, block_examples, [&](const ExampleBlock& block) {
      auto finished = run_block(session, options.trajectories, block, progress);
      std::move(finished.begin(), finished.end(), std::back_inserter(outcomes));
      if (options.tries > 0) count_solved(session, *kind, options.tries, block, solved);
    });
  }
  outcomes.resize(total);
  Report report = summarise(outcomes, options, data, steps_of(session));
  report.tries = options.tries;
  report.solved = solved;
  if (report.last.accuracy.examples == 0 && !interrupted()) {
    throw input_error(data.name, "", "no example has a label, so nothing can be counted", "give data with answers");
  }
  common.json ? print_json(report, session, options.trajectories, watch.seconds()) : print_text(report, session);
  if (!common.quiet) note(cost_text(session, watch.seconds()));
  return exit_code(total - report.unfinished, total);
}

}  // namespace

void add_eval(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, "eval", "Measure a model's accuracy on puzzles with known answers.",
      "  trm eval sudoku.gguf test.csv                exact-match and token accuracy after the last step\n"
      "  trm eval sudoku.gguf test.csv --every-step   the same after each step\n"
      "  trm eval sudoku.gguf test.csv --samples 8 --noise 0.1\n"
      "                                               the surest of eight answers to each puzzle\n"
      "  trm eval sudoku.gguf test.csv --tries 14     and the share that is solved in up to 14 tries\n"
      "  trm eval arc.gguf data/arc1concept --limit 100 --json\n"
      "\n"
      "exact: share of examples with every asked cell right. token: mean share of right cells. Cells whose\n"
      "label is the data set's ignore_label_id are not asked, examples without any label are left out, as\n"
      "the reference evaluator does.");
  auto options = std::make_shared<EvalOptions>();
  add_model_option(*command, options->model);
  add_example_options(*command, options->examples);
  add_step_options(*command, options->steps, "Accuracy after each step; a sample that halted keeps its last answer");
  add_trajectory_options(*command, options->trajectories);
  command
      ->add_option("--tries", options->tries,
                   "Count as well what the rules accept at the first try, and within N tries,\n"
                   "as trm sudoku and trm maze make them")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20).description(""))
      ->type_name("N");
  set_action(command, program, options, evaluate, OnInterrupt::stop);
}

}  // namespace trm
