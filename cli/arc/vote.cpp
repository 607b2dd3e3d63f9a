// trm vote: recorded predictions become a submission.

#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "arc/report/report.hpp"
#include "arc/run/loop.hpp"
#include "arc/vote/pass_at.hpp"
#include "arc/vote/ranking.hpp"
#include "arc/vote/submission.hpp"
#include "arc/vote/tally.hpp"
#include "cli/arc/recorded_predictions.hpp"
#include "cli/arc/summary.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/paths.hpp"
#include "cli/shares.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

struct VoteOptions {
  PredictionOptions predictions;
  std::string output;
  std::string ranking;  // empty: none is written
  std::string html;     // the same
};

struct Vote {
  RecordedPredictions recorded;
  arc::Ranking ranking;
  std::vector<std::string> unanswered;
  std::vector<arc::PassAt> pass_at;  // empty: not every solution is known
};

// Ranks a test input at a time, so that not all predictions are in memory at once.
Vote count_votes(const CommonOptions& common, const VoteOptions& options) {
  Vote vote{.recorded = read_predictions(common, options.predictions), .ranking = {}, .unanswered = {}, .pass_at = {}};
  const auto& solutions = vote.recorded.solutions;
  vote.ranking = arc::rank_all(arc::no_predictions(vote.recorded.tasks), 1);
  for (std::size_t task = 0; task < vote.ranking.size(); ++task) {
    for (std::size_t test = 0; test < vote.ranking[task].size(); ++test) {
      auto& candidates = vote.ranking[task][test];
      candidates = arc::rank(predictions_for(vote.recorded, task, test));
      if (options.ranking.empty())
        drop_grids(candidates, arc::kept_grids, solutions ? &(*solutions)[task][test] : nullptr);
    }
  }
  vote.unanswered = arc::unanswered(vote.recorded.tasks, vote.ranking);
  if (solutions) vote.pass_at = arc::pass_at_each_k(vote.ranking, *solutions);
  return vote;
}

void write_html(const Vote& vote, const VoteOptions& options) {
  const RecordedPredictions& recorded = vote.recorded;
  arc::Report report{.title = report_title(options.predictions.sources.front(), recorded.challenges),
                     .facts = {{"challenges", recorded.challenges}},
                     .tasks = recorded.tasks,
                     .ranking = vote.ranking,
                     .solutions = recorded.solutions};
  for (const std::string& source : options.predictions.sources) report.facts.emplace_back("votes of", source);
  report.facts.emplace_back("samples", std::to_string(recorded.count.samples));
  const Facts more = run_facts(recorded.journals.empty() ? arc::JournalHeader{} : recorded.journals.front().header());
  report.facts.insert(report.facts.end(), more.begin(), more.end());
  write_report(options.html, report);
}

void warn(const Vote& vote) {
  warn_of_samples(vote.recorded);
  for (const std::string& input : vote.unanswered) {
    note("trm: warning: " + input + " has no predictions; its answer is a placeholder");
  }
}

std::size_t test_inputs(const Vote& vote) {
  std::size_t count = 0;
  for (const arc::Task& task : vote.recorded.tasks) count += task.test.size();
  return count;
}

void print_json(const Vote& vote, double seconds) {
  nlohmann::ordered_json object = pass_at_json(vote.pass_at);
  object["tasks"] = vote.recorded.tasks.size();
  object["test_inputs"] = test_inputs(vote);
  object["samples"] = vote.recorded.count.samples;
  object["blank"] = vote.recorded.count.blank;
  object["foreign"] = vote.recorded.count.foreign;
  object["unanswered"] = vote.unanswered;
  object["seconds"] = seconds;
  object["peak_rss_bytes"] = peak_rss_bytes();
  print(json_line(object));
}

void print_text(const Vote& vote) {
  print("tasks        " + std::to_string(vote.recorded.tasks.size()) + "\ntest inputs  " +
        std::to_string(test_inputs(vote)) +
        (vote.unanswered.empty() ? "" : " (" + std::to_string(vote.unanswered.size()) + " with a placeholder)") +
        "\nsamples      " + std::to_string(vote.recorded.count.samples) +
        (vote.recorded.count.blank == 0
             ? ""
             : " (" + std::to_string(vote.recorded.count.blank) + " more with the blank id)") +
        '\n');
  if (vote.pass_at.empty()) {
    print("pass@K       unknown: not every answer is known (--solutions)\n");
    return;
  }
  std::vector<TableRow> rows = {{"K", "pass@K", "95 % interval"}};
  for (const arc::PassAt& at : telling(vote.pass_at, vote.ranking)) {
    rows.push_back({std::to_string(at.k), percent(at.share), interval_text(at.interval)});
  }
  print('\n' + table_text(rows));
  print("Wilson's interval of a mean over " + std::to_string(vote.recorded.tasks.size()) + " tasks\n");
}

void check_vote_paths(const VoteOptions& options, bool force) {
  std::vector<InputPath> inputs = {{options.predictions.challenges, "the challenges"},
                                   {options.predictions.solutions, "the solutions"}};
  for (const std::string& source : options.predictions.sources) {
    inputs.push_back({source, "a journal"});
    for (const char* name : {"inputs.npy", "predictions.npy", "puzzle_identifiers.npy", "q_halt_logits.npy",
                             "identifiers.json", "test_puzzles.json"}) {
      inputs.push_back({source + '/' + name, "a file of a folder"});
    }
  }
  check_paths(inputs,
              std::array{OutputPath{options.output, OutputKind::json}, OutputPath{options.ranking, OutputKind::json},
                         OutputPath{options.html, OutputKind::html}},
              force);
}

int vote(const CommonOptions& common, const VoteOptions& options) {
  const Stopwatch watch;
  check_vote_paths(options, common.force);
  const Vote vote = count_votes(common, options);
  arc::write_submission(options.output, vote.recorded.tasks, vote.ranking);
  if (!options.ranking.empty()) arc::write_ranking(options.ranking, vote.recorded.tasks, vote.ranking);
  if (!options.html.empty()) write_html(vote, options);
  warn(vote);
  common.json ? print_json(vote, watch.seconds()) : print_text(vote);
  if (!common.quiet) {
    note(options.output + ": " + duration_text(watch.seconds()) + "; peak memory " + size_text(peak_rss_bytes()));
  }
  return exit_done;
}

}  // namespace

void add_vote(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, "vote", "Let recorded ARC predictions vote, and write the submission.",
      "  trm vote part1.json.journal part2.json.journal -o submission.json   merges the shards of 'trm arc'\n"
      "  trm vote parts/ --challenges c.json --html report.html -o submission.json   all journals of a folder\n"
      "  trm vote predictions/ -o submission.json\n"
      "  trm vote part1/ part2/ --challenges c.json --solutions s.json -o submission.json --ranking ranking.json\n"
      "\n"
      "A sample votes for its prediction, cropped to the grid at its top left, its augmentation undone. Candidates\n"
      "with most votes come first, among equals those of higher mean confidence; the first two are submitted. A "
      "folder\n"
      "holds inputs.npy and predictions.npy [N, 900], puzzle_identifiers.npy and q_halt_logits.npy [N],\n"
      "identifiers.json and, unless --challenges is given, test_puzzles.json. A test input without predictions gets a\n"
      "placeholder and a warning.");
  auto options = std::make_shared<VoteOptions>();
  add_prediction_options(*command, options->predictions);
  command->add_option("-o,--output", options->output, "Submission to write")->required()->type_name("FILE");
  command->add_option("--ranking", options->ranking, "Write every candidate with votes and confidence, too")
      ->type_name("FILE");
  command->add_option("--html", options->html, "Also write a report with every task, its candidates and their votes")
      ->type_name("FILE");
  set_action(command, program, options, vote, OnInterrupt::die);
}

}  // namespace trm
