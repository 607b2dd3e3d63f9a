// trm study noise: what noisy runs of the same puzzle bring, by the way in which one of them is chosen.

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>
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
#include "cli/trajectories.hpp"
#include "puzzles/choice_tally.hpp"

namespace trm {
namespace {

struct NoiseOptions {
  StudyOptions study;
  std::vector<double> sigmas{0, 0.1, 0.3, 0.5};
  std::size_t samples = 8;
  NoiseLatent latent = NoiseLatent::available;
};

// All examples at one sigma, from one run.
struct NoisePoint {
  double sigma = 0;
  std::size_t samples = 0;   // trajectories of each example
  std::size_t finished = 0;  // examples, with or without a label
  ChoiceTally tally{};
};

// Every example, as many trajectories of each as are asked for; without noise they would be equal, and one will do.
NoisePoint run_at(double sigma, Study& study, const NoiseOptions& options, Progress& progress) {
  NoisePoint point{.sigma = sigma, .samples = sigma > 0 ? options.samples : 1};
  study.session.run.noise = sigma;
  std::mutex mutex;
  for_blocks(study.data, study.total, block_examples, [&](const ExampleBlock& block) {
    run_trajectories(
        study.session.model, study.session.run, block.samples, point.samples,
        [&](std::size_t i, const std::vector<Trajectory>& trajectories) {
          const std::lock_guard lock(mutex);
          point.tally.add(answers_of(trajectories), block.labels(i));
          point.finished += 1;
          progress.advance();
        },
        interrupted);
  });
  return point;
}

// The ways to choose: the name in JSON, the heading of the table and the plot.
struct Way {
  const char* name;
  const char* heading;
  std::size_t ChoiceTally::*member;
};
constexpr std::array<Way, 3> ways = {{{"best_q", "best q", &ChoiceTally::best_q},
                                      {"vote", "vote", &ChoiceTally::vote},
                                      {"any", "any (oracle)", &ChoiceTally::any}}};

void print_json(const std::vector<NoisePoint>& points, const Study& study, const CommonOptions& common) {
  nlohmann::ordered_json object{{"data", study.data.name},
                                {"examples", points.front().tally.examples},
                                {"steps", steps_of(study.session)},
                                {"seed", common.seed},
                                {"type", study.session.model.type()}};
  for (const NoisePoint& point : points) {
    nlohmann::ordered_json at{{"noise", point.sigma}, {"samples", point.samples}, {"examples", point.tally.examples}};
    for (const auto& [name, heading, member] : ways) at[name] = exact_json(point.tally.*member, point.tally.examples);
    const Interval interval = mean_interval(point.tally.single(), point.tally.examples);
    at["single"] = {{"exact", point.tally.single()}, {"interval", {interval.low, interval.high}}};
    object["per_noise"].push_back(std::move(at));
  }
  print(json_line(object));
}

void print_text(const std::vector<NoisePoint>& points, const Study& study, bool wide) {
  std::vector<TableRow> rows = {{"sigma", "samples", "one run"}};
  for (const Way& way : ways) rows.front().emplace_back(way.heading);
  for (const NoisePoint& point : points) {
    const std::size_t examples = point.tally.examples;
    rows.push_back({shortest(static_cast<float>(point.sigma)), std::to_string(point.samples),
                    share_text(point.tally.single(), mean_interval(point.tally.single(), examples), wide)});
    for (const Way& way : ways) {
      const std::size_t count = point.tally.*way.member;
      rows.back().push_back(share_text(share(count, examples), wilson_interval(count, examples), wide));
    }
  }
  print(std::to_string(points.front().tally.examples) + " examples, " + std::to_string(steps_of(study.session)) +
        " steps; exact match\n" + table_text(rows) + (wide ? "" : interval_note));
}

LinePlot plot_of(const std::vector<NoisePoint>& points, const StudyOptions& options) {
  LinePlot plot{.title = subject(options.model, options.examples.data),
                .x_label = "sigma",
                .y_label = "exact match, 95 % interval",
                .lines = {}};
  const auto add = [&](const std::string& name, auto&& value) {
    PlotLine line{.name = name, .points = {}};
    for (const NoisePoint& point : points) {
      const double y = value(point);
      const Interval interval = mean_interval(y, point.tally.examples);
      line.points.push_back({point.sigma, y, interval.low, interval.high});
    }
    std::ranges::sort(line.points, {}, &PlotPoint::x);
    plot.lines.push_back(std::move(line));
  };
  for (const auto& [name, heading, member] : ways) {
    add(heading,
        [member = member](const NoisePoint& point) { return share(point.tally.*member, point.tally.examples); });
  }
  add("one run", [](const NoisePoint& point) { return point.tally.single(); });
  return plot;
}

int study_noise(const CommonOptions& common, const NoiseOptions& options) {
  for (const double sigma : options.sigmas) {
    if (std::isnan(sigma)) throw Error(ErrorKind::usage, "--noise: not a number; give standard deviations");
  }
  Study study = open_study(common, options.study);
  study.session.run.noise_latent = options.latent;
  const Stopwatch watch;
  std::vector<NoisePoint> points;
  std::size_t finished = 0;
  {
    Progress progress(study.total * options.sigmas.size(), "examples", common.quiet);
    for (const double sigma : options.sigmas) {
      points.push_back(run_at(sigma, study, options, progress));
      finished += points.back().finished;
    }
  }
  require_labels(points.front().tally.examples, study.data);
  common.json ? print_json(points, study, common) : print_text(points, study, options.study.wide);
  write_plot(options.study.plot, plot_of(points, options.study));
  if (!common.quiet) note(cost_text(study.session, watch.seconds()));
  return exit_code(finished, study.total * options.sigmas.size());
}

}  // namespace

void add_noise_study(CLI::App& study, Program& program) {
  CLI::App* command = add_command(
      study, "noise", "What several noisy runs of each puzzle bring, by how one of them is chosen.",
      "  trm study noise sudoku.gguf test.csv --noise 0,0.1,0.3 --samples 8 --plot noise.svg\n"
      "  trm study noise sudoku.gguf test.csv --noise 0.1 --noise-latent high --steps 32 --json\n"
      "\n"
      "Gaussian noise of each standard deviation is added to a latent before every step; all columns of a row come\n"
      "from the same runs: a single run (the mean over them), the run of the highest q_halt, the most frequent\n"
      "answer, and whether any run is right, which no choice can beat. Sigma 0 is run once. --seed chooses the noise.");
  auto options = std::make_shared<NoiseOptions>();
  add_model_option(*command, options->study.model);
  add_study_options(*command, options->study);
  command->add_option("--noise", options->sigmas, "Standard deviations (default: 0,0.1,0.3,0.5)")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 1e6).description(""))
      ->type_name("S1,S2,...");
  command->add_option("--samples", options->samples, "Runs of each puzzle at each (default: 8)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20).description(""))
      ->type_name("K");
  add_noise_latent_option(*command, options->latent);
  set_action(command, program, options, study_noise, OnInterrupt::stop);
}

}  // namespace trm
