// trm study votes: how accuracy grows with the number of samples that vote.

#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "arc/vote/resampling.hpp"
#include "base/error.hpp"
#include "cli/arc/recorded_predictions.hpp"
#include "cli/cost.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/paths.hpp"
#include "cli/shares.hpp"
#include "cli/study/study.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

struct VotesOptions {
  PredictionOptions predictions;
  std::size_t resamples = arc::ResamplingOptions{}.resamples;
  std::string plot;
  bool wide = false;
};

nlohmann::ordered_json resampled_json(const arc::ResampledPass& pass) {
  return {{"mean", pass.mean},
          {"draws", {pass.draws.low, pass.draws.high}},
          {"interval", {pass.over_tasks.low, pass.over_tasks.high}}};
}

void print_json(const std::vector<arc::VotePoint>& points, const RecordedPredictions& recorded,
                const VotesOptions& options, const CommonOptions& common) {
  nlohmann::ordered_json object{{"tasks", recorded.tasks.size()},
                                {"samples", recorded.count.samples},
                                {"resamples", options.resamples},
                                {"seed", common.seed}};
  for (const arc::VotePoint& point : points) {
    object["per_votes"].push_back(
        {{"votes", point.votes}, {"pass@1", resampled_json(point.pass_1)}, {"pass@2", resampled_json(point.pass_2)}});
  }
  print(json_line(object));
}

void print_text(const std::vector<arc::VotePoint>& points, const RecordedPredictions& recorded,
                const VotesOptions& options) {
  std::vector<TableRow> rows = {{"votes", "pass@1", "of draws", "over tasks", "pass@2", "of draws", "over tasks"}};
  const auto interval = [&](const Interval& ends) {
    return options.wide ? interval_text(ends) : "\u00b1 " + fixed(50 * (ends.high - ends.low), 2);
  };
  for (const arc::VotePoint& point : points) {
    rows.push_back({std::to_string(point.votes)});
    for (const arc::ResampledPass* pass : {&point.pass_1, &point.pass_2}) {
      for (const std::string& cell : {percent(pass->mean), interval(pass->draws), interval(pass->over_tasks)}) {
        rows.back().push_back(cell);
      }
    }
  }
  print(std::to_string(recorded.tasks.size()) + " tasks, " + std::to_string(recorded.count.samples) + " samples, " +
        std::to_string(options.resamples) + " draws at each number of votes\n" + table_text(rows) +
        "A test input with fewer votes gives all it has. Of draws: 95 % of the draws, the\n"
        "tasks being these. Over tasks: Wilson's 95 % interval, the tasks being drawn at\n"
        "random, too.\n" +
        (options.wide ? "" : interval_note));
}

LinePlot plot_of(const std::vector<arc::VotePoint>& points, const VotesOptions& options) {
  LinePlot plot{.title = subject("votes", options.predictions.sources.front()),
                .x_label = "votes of each test input",
                .y_label = "share of tasks solved, 95 % of draws",
                .logarithmic = true,
                .lines = {{"pass@1", {}}, {"pass@2", {}}}};
  for (const arc::VotePoint& point : points) {
    const auto add = [&](PlotLine& line, const arc::ResampledPass& pass) {
      line.points.push_back({static_cast<double>(point.votes), pass.mean, pass.draws.low, pass.draws.high});
    };
    add(plot.lines[0], point.pass_1);
    add(plot.lines[1], point.pass_2);
  }
  return plot;
}

int study_votes(const CommonOptions& common, const VotesOptions& options) {
  const Stopwatch watch;
  std::vector<InputPath> inputs = {{options.predictions.challenges, "the challenges"},
                                   {options.predictions.solutions, "the solutions"}};
  for (const std::string& source : options.predictions.sources) inputs.push_back({source, "a journal"});
  check_paths(inputs, std::array{OutputPath{options.plot, OutputKind::svg}}, common.force);
  RecordedPredictions recorded = read_predictions(common, options.predictions);
  arc::Predictions predictions = arc::no_predictions(recorded.tasks);
  for (std::size_t task = 0; task < predictions.size(); ++task) {
    for (std::size_t test = 0; test < predictions[task].size(); ++test) {
      predictions[task][test] = predictions_for(recorded, task, test);
    }
  }
  warn_of_samples(recorded);
  if (!recorded.solutions) {
    throw input_error(recorded.challenges, "", "not every answer is known, so nothing can be counted",
                      "give them by --solutions");
  }
  const auto points =
      arc::resample(predictions, *recorded.solutions,
                    {.resamples = options.resamples, .seed = common.seed, .threads = threads_of(common)});
  common.json ? print_json(points, recorded, options, common) : print_text(points, recorded, options);
  write_plot(options.plot, plot_of(points, options));
  if (!common.quiet) note(duration_text(watch.seconds()) + "; peak memory " + size_text(peak_rss_bytes()));
  return exit_done;
}

}  // namespace

void add_votes_study(CLI::App& study, Program& program) {
  CLI::App* command = add_command(
      study, "votes", "How accuracy on ARC tasks grows with the number of samples that vote.",
      "  trm study votes submission.json.journal --solutions solutions.json --plot votes.svg\n"
      "  trm study votes predictions/ --resamples 1000 --json\n"
      "\n"
      "Of the recorded votes on each test input 1, 2, 4, ... and at last all are drawn without replacement, many "
      "times\n"
      "(--resamples, --seed), and each time ranked as 'trm vote' does. The mean of pass@1 and pass@2 over the draws,\n"
      "with two intervals: of 95 % of the draws, and over the tasks.");
  auto options = std::make_shared<VotesOptions>();
  add_prediction_options(*command, options->predictions);
  command->add_option("--resamples", options->resamples, "Draws at each number of votes (default: 100)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20).description(""))
      ->type_name("R");
  add_plot_option(*command, options->plot);
  add_wide_option(*command, options->wide);
  set_action(command, program, options, study_votes, OnInterrupt::stop);
}

}  // namespace trm
