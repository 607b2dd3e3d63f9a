// trm study tries: what further tries of a puzzle bring, by their kind and by the steps of each.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/progress.hpp"
#include "cli/shares.hpp"
#include "cli/study/study.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "puzzles/kinds.hpp"

namespace trm {
namespace {

struct TriesOptions {
  StudyOptions study;
  std::vector<std::int64_t> steps{6, 8, 10, 12, 16};  // of a try
  std::size_t tries = 16;
  double noise = 0.2;
};

// A kind of tries. The first of all of them is the puzzle as given, without noise.
enum class TryKind : std::uint8_t { guesses, views, noise };
constexpr std::array<std::pair<TryKind, const char*>, 3> try_kinds = {
    {{TryKind::guesses, "views and guesses"}, {TryKind::views, "views"}, {TryKind::noise, "noise"}}};

// [examples][tries] the step at which a try is solved, from 1; 0: not within the most steps that are asked for.
using SolvedSteps = std::vector<std::vector<std::int64_t>>;

SolvedSteps run_tries(const Study& study, const TriesOptions& options, TryKind kind_of_tries, Progress& progress) {
  const Hyperparameters& model = study.session.model.hyperparameters();
  const PuzzleKind kind = *kind_of(model, kind_of_tries == TryKind::guesses);
  RunOptions run_options = study.session.run;
  run_options.steps = *std::ranges::max_element(options.steps);
  SolvedSteps all;
  for_blocks(study.data, study.total, block_examples, [&](const ExampleBlock& block) {
    const std::size_t first = all.size();
    all.resize(first + block.samples.size(), std::vector<std::int64_t>(options.tries));
    for (std::size_t attempt = 1; attempt <= options.tries && !interrupted(); ++attempt) {
      const bool noisy = kind_of_tries == TryKind::noise && attempt > 1;
      std::vector<Variant> variants;
      std::vector<Sample> samples;
      for (const Sample& sample : block.samples) {
        variants.push_back(
            kind.variant(sample.inputs, run_options.seed, noisy ? 1 : static_cast<std::uint32_t>(attempt)));
      }
      for (std::size_t i = 0; i < variants.size(); ++i) {
        samples.push_back({.inputs = variants[i].inputs,
                           .puzzle_id = block.samples[i].puzzle_id,
                           .noise_key = block.samples[i].noise_key,
                           .trajectory = static_cast<std::uint32_t>(attempt)});
      }
      run_options.noise = noisy ? options.noise : 0;
      const auto solved = [&](const StepResult& result) {
        std::vector<std::int32_t> shown(samples[result.sample].inputs.size()), answer(shown.size());
        argmax(result.logits, model.vocab_size, shown);
        undo(variants[result.sample].view, shown, answer);
        if (kind.faults(block.samples[result.sample].inputs, answer) > 0) return false;
        all[first + result.sample][attempt - 1] = result.step;
        return true;
      };
      run(
          study.session.model, samples, run_options, [&](const StepResult&) { progress.advance(); }, interrupted,
          solved);
    }
  });
  return all;
}

// All examples, each tried `tries` times at most, `steps` steps a try.
struct TryPoint {
  std::string kind;
  std::int64_t steps = 0;
  std::size_t tries = 0;
  std::size_t solved = 0;
  double mean_steps = 0;  // of all tries of an example
};

TryPoint point_of(const SolvedSteps& examples, const std::string& kind, std::int64_t steps, std::size_t tries) {
  TryPoint point{.kind = kind, .steps = steps, .tries = tries};
  std::int64_t taken = 0;
  for (const auto& solved_at : examples) {
    for (std::size_t i = 0; i < tries; ++i) {
      const bool solved = solved_at[i] > 0 && solved_at[i] <= steps;
      taken += solved ? solved_at[i] : steps;
      if (!solved) continue;
      point.solved += 1;
      break;
    }
  }
  point.mean_steps = static_cast<double>(taken) / std::max(1.0, static_cast<double>(examples.size()));
  return point;
}

// 1, 2, 4, ... and the most.
std::vector<std::size_t> numbers_of_tries(std::size_t most) {
  std::vector<std::size_t> numbers;
  for (std::size_t n = 1; n < most; n *= 2) numbers.push_back(n);
  numbers.push_back(most);
  return numbers;
}

void print_json(const std::vector<TryPoint>& points, const Study& study, std::uint64_t seed, double noise) {
  nlohmann::ordered_json object{{"data", study.data.name},
                                {"examples", study.total},
                                {"seed", seed},
                                {"noise", noise},
                                {"type", study.session.model.type()}};
  for (const TryPoint& point : points) {
    nlohmann::ordered_json at{{"kind", point.kind}, {"steps", point.steps}, {"tries", point.tries}};
    at["solved"] = point.solved;
    at["share"] = share(point.solved, study.total);
    const Interval interval = wilson_interval(point.solved, study.total);
    at["interval"] = {interval.low, interval.high};
    at["mean_steps"] = point.mean_steps;
    object["per_tries"].push_back(std::move(at));
  }
  print(json_line(object));
}

void print_text(const std::vector<TryPoint>& points, const Study& study, bool wide) {
  std::vector<TableRow> rows = {{"kind", "steps a try", "tries", "solved", "steps an example"}};
  for (const TryPoint& point : points) {
    const Interval interval = wilson_interval(point.solved, study.total);
    rows.push_back({point.kind, std::to_string(point.steps), std::to_string(point.tries),
                    share_text(share(point.solved, study.total), interval, wide), fixed(point.mean_steps, 1)});
  }
  print(std::to_string(study.total) + " examples; solved: the rules accept an answer\n" + table_text(rows) +
        (wide ? "" : interval_note));
}

// A line for each kind and number of steps, its points for more and more tries.
LinePlot plot_of(const std::vector<TryPoint>& points, const Study& study, const StudyOptions& options) {
  LinePlot plot{.title = subject(options.model, options.examples.data),
                .x_label = "steps an example, all tries together",
                .y_label = "solved, 95 % interval",
                .logarithmic = true,
                .lines = {}};
  for (const TryPoint& point : points) {
    const std::string name = point.kind + ", " + std::to_string(point.steps) + " steps";
    if (plot.lines.empty() || plot.lines.back().name != name) plot.lines.push_back({.name = name, .points = {}});
    const Interval interval = wilson_interval(point.solved, study.total);
    plot.lines.back().points.push_back(
        {point.mean_steps, share(point.solved, study.total), interval.low, interval.high});
  }
  return plot;
}

int study_tries(const CommonOptions& common, const TriesOptions& options) {
  Study study = open_study(common, options.study);
  if (!kind_of(study.session.model.hyperparameters())) {
    throw Error(ErrorKind::usage,
                study.session.name + " solves neither sudokus nor mazes: no rules can judge its answers");
  }
  std::vector<TryPoint> points;
  {
    Progress progress(study.total * options.tries * try_kinds.size(), "tries", common.quiet);
    for (const auto& [kind, name] : try_kinds) {
      const SolvedSteps solved = run_tries(study, options, kind, progress);
      for (const std::int64_t steps : options.steps) {
        for (const std::size_t tries : numbers_of_tries(options.tries)) {
          points.push_back(point_of(solved, name, steps, tries));
        }
      }
    }
  }
  if (interrupted()) return exit_code(0, study.total);
  common.json ? print_json(points, study, common.seed, options.noise) : print_text(points, study, options.study.wide);
  write_plot(options.study.plot, plot_of(points, study, options.study));
  return exit_done;
}

}  // namespace

void add_tries_study(CLI::App& study, Program& program) {
  CLI::App* command = add_command(
      study, "tries", "What further tries of a puzzle bring, by their kind and by the steps of each.",
      "  trm study tries sudoku.gguf test.csv --tries 16 --try-steps 6,8,10,16,64 --plot tries.svg\n"
      "\n"
      "The rules judge after every step. Kinds of tries: views (sudoku: digits, rows, columns, bands and stacks\n"
      "permuted; maze: turned and mirrored), views with a guessed digit, and latent noise. The first try is always\n"
      "the puzzle as given; a row with one try and many steps is what more steps alone would bring.");
  auto options = std::make_shared<TriesOptions>();
  add_model_option(*command, options->study.model);
  add_study_options(*command, options->study);
  command->add_option("--try-steps", options->steps, "Steps of a try (default: 6,8,10,12,16)")
      ->delimiter(',')
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20).description(""))
      ->type_name("N1,N2,...");
  command->add_option("--tries", options->tries, "Tries of each puzzle, at most (default: 16)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 16).description(""))
      ->type_name("N");
  command->add_option("--noise", options->noise, "Standard deviation of the latent noise (default: 0.2)")
      ->check(CLI::Range(0.0, 1e6).description(""))
      ->type_name("S");
  set_action(command, program, options, study_tries, OnInterrupt::stop);
}

}  // namespace trm
