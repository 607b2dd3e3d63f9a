// trm vote: recorded predictions become a submission.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "arc/merge.hpp"
#include "arc/ranking.hpp"
#include "arc/recorded.hpp"
#include "arc/score.hpp"
#include "cli/arc_scores.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"
#include "runtime/cpu.hpp"
#include "runtime/error.hpp"

namespace trm {
namespace {

using Path = std::filesystem::path;

struct VoteOptions {
  std::vector<std::string> sources;  // journals and folders
  std::string challenges;            // empty: test_puzzles.json of the folders, else the journals' own list
  bool skip_damaged = false;
  std::string solutions;  // empty: those that the challenges carry
  std::string output;
  std::string ranking;  // empty: none is written
  std::int64_t batch = arc::RecordedOptions{}.batch;
};

struct Vote {
  std::string challenges;  // the file
  std::vector<arc::Task> tasks;
  arc::RecordedCount count;  // of all folders
  arc::Ranking ranking;
  std::vector<std::string> unanswered;
  std::vector<arc::PassAt> scores;  // empty: not every answer is known
};

struct Sources {
  std::vector<std::string> folders;
  std::vector<std::string> journals;
};

// Votes count twice where a folder does.
Sources sort_sources(const std::vector<std::string>& paths) {
  Sources sources;
  std::vector<Path> seen;
  for (const std::string& path : paths) {
    if (!std::filesystem::exists(path)) {
      throw Error(ErrorKind::io, path + ": does not exist; give journals, or folders of recorded predictions");
    }
    seen.push_back(std::filesystem::canonical(path));
    if (std::count(seen.begin(), seen.end(), seen.back()) > 1) {
      throw Error(ErrorKind::usage, path + ": is given twice; its votes would count twice");
    }
    (std::filesystem::is_directory(path) ? sources.folders : sources.journals).push_back(path);
  }
  return sources;
}

std::vector<arc::Journal> open_journals(const VoteOptions& options, const Sources& sources) {
  if (sources.journals.empty()) return {};
  const auto skip = [](const std::string& reason) { note("trm: warning: left out: " + reason); };
  auto journals =
      arc::open_journals(sources.journals, options.skip_damaged ? skip : std::function<void(const std::string&)>());
  if (!options.challenges.empty()) check_challenges(journals, options.challenges);
  return journals;
}

// Without --challenges all folders must be of the same tasks.
std::vector<arc::Task> read_tasks(const VoteOptions& options, const Sources& sources,
                                  const std::vector<arc::Journal>& journals, std::string& file) {
  const auto own = [](const std::string& folder) { return (Path(folder) / "test_puzzles.json").string(); };
  if (options.challenges.empty() && sources.folders.empty()) {
    file = journals.front().name();
    return tasks_of(journals.front());
  }
  file = options.challenges.empty() ? own(sources.folders.front()) : options.challenges;
  std::vector<arc::Task> tasks = arc::read_challenges(file);
  if (tasks.empty()) throw input_error(file, "", "holds no task", "give the challenges that were predicted");
  if (!options.challenges.empty()) return tasks;
  const auto same = [](const arc::Task& a, const arc::Task& b) { return a.name == b.name && a.test == b.test; };
  for (const std::string& folder : sources.folders) {
    const auto others = arc::read_challenges(own(folder));
    if (std::equal(tasks.begin(), tasks.end(), others.begin(), others.end(), same)) continue;
    throw input_error(own(folder), "", "is not of the same tasks as " + file,
                      "give the tasks to answer by --challenges");
  }
  return tasks;
}

void add(arc::RecordedCount& sum, const arc::RecordedCount& more, const std::string& folder) {
  sum.samples += more.samples;
  sum.blank += more.blank;
  sum.shifted += more.shifted;
  if (sum.foreign == 0 && more.foreign > 0) sum.first_foreign = folder + ", " + more.first_foreign;
  sum.foreign += more.foreign;
}

Vote count_votes(const CommonOptions& common, const VoteOptions& options) {
  const int threads = common.threads > 0 ? common.threads : available_threads();
  Vote vote;
  const Sources sources = sort_sources(options.sources);
  const auto journals = open_journals(options, sources);
  vote.tasks = read_tasks(options, sources, journals, vote.challenges);
  const auto solutions = options.solutions.empty() ? arc::carried_solutions(vote.tasks)
                                                   : arc::read_solutions(options.solutions, vote.tasks);
  auto ballots = arc::empty_ballots(vote.tasks);
  vote.count.samples = add_journals(journals, vote.tasks, ballots);
  for (const std::string& folder : sources.folders) {
    add(vote.count, arc::add_recorded(folder, vote.tasks, ballots, {options.batch, threads}), folder);
  }
  vote.ranking = arc::rank_all(ballots, threads);
  vote.unanswered = arc::unanswered(vote.tasks, vote.ranking);
  if (solutions) vote.scores = arc::score(vote.ranking, *solutions);
  return vote;
}

void warn(const Vote& vote) {
  if (vote.count.foreign > 0) {
    note("trm: warning: " + std::to_string(vote.count.foreign) + " of " +
         std::to_string(vote.count.foreign + vote.count.samples) + " samples are not of a test input of " +
         vote.challenges + " and do not count; the first is " + vote.count.first_foreign);
  }
  if (vote.count.shifted > 0) {
    note(
        "trm: warning: " + std::to_string(vote.count.shifted) +
        " samples come after a blank one of their batch and count, as in the reference evaluator, with the q_halt of " +
        "an earlier row (--batch 0: with their own)");
  }
  for (const std::string& input : vote.unanswered) {
    note("trm: warning: " + input + " has no predictions; its answer is a placeholder");
  }
}

std::size_t test_inputs(const Vote& vote) {
  std::size_t count = 0;
  for (const arc::Task& task : vote.tasks) count += task.test.size();
  return count;
}

void print_json(const Vote& vote, double seconds) {
  nlohmann::ordered_json object = to_json(vote.scores);
  object["tasks"] = vote.tasks.size();
  object["test_inputs"] = test_inputs(vote);
  object["samples"] = vote.count.samples;
  object["blank"] = vote.count.blank;
  object["foreign"] = vote.count.foreign;
  object["unanswered"] = vote.unanswered;
  object["seconds"] = seconds;
  object["peak_rss_bytes"] = peak_rss_bytes();
  print(object.dump() + '\n');
}

void print_text(const Vote& vote) {
  print("tasks        " + std::to_string(vote.tasks.size()) + "\ntest inputs  " + std::to_string(test_inputs(vote)) +
        (vote.unanswered.empty() ? "" : " (" + std::to_string(vote.unanswered.size()) + " with a placeholder)") +
        "\nsamples      " + std::to_string(vote.count.samples) +
        (vote.count.blank == 0 ? "" : " (" + std::to_string(vote.count.blank) + " more with the blank id)") + '\n');
  if (vote.scores.empty()) {
    print("pass@K       unknown: not every answer is known (--solutions)\n");
    return;
  }
  print("\n    K    pass@K   95 % interval\n");
  for (const arc::PassAt& score : vote.scores) {
    print(column(std::to_string(score.k), 5) + column(percent(score.share), 10) + "   " + percent(score.interval.low) +
          " to " + percent(score.interval.high) + '\n');
  }
  print("Wilson's interval of a mean over " + std::to_string(vote.tasks.size()) + " tasks\n");
}

int vote(const CommonOptions& common, const VoteOptions& options) {
  const Stopwatch watch;
  const Vote vote = count_votes(common, options);
  arc::write_submission(options.output, arc::answers(vote.tasks, vote.ranking));
  if (!options.ranking.empty()) arc::write_ranking(options.ranking, vote.tasks, vote.ranking);
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
      "  trm vote predictions/ -o submission.json\n"
      "  trm vote part1/ part2/ --challenges c.json --solutions s.json -o submission.json --ranking ranking.json\n"
      "\n"
      "A sample votes for its prediction, cropped to the grid at its top left, its augmentation undone. Answers of\n"
      "most votes come first, among equals those of higher mean confidence; the first two are submitted. A folder\n"
      "holds inputs.npy and predictions.npy [N, 900], puzzle_identifiers.npy and q_halt_logits.npy [N],\n"
      "identifiers.json and, unless --challenges is given, test_puzzles.json. A test input without predictions gets a\n"
      "placeholder and a warning.");
  auto options = std::make_shared<VoteOptions>();
  command
      ->add_option("SOURCES", options->sources,
                   "Journals of 'trm arc', and folders of recorded predictions; they\nvote together")
      ->required()
      ->type_name("");
  command->add_option("-o,--output", options->output, "Submission to write")->required()->type_name("FILE");
  command
      ->add_option("--challenges", options->challenges,
                   "Tasks to answer, in the order of the submission (default:\n"
                   "test_puzzles.json of the folders, or the journals' own list)")
      ->type_name("FILE");
  command
      ->add_option("--solutions", options->solutions,
                   "Their answers, to count pass@K (default: the outputs that the\n"
                   "challenges carry)")
      ->type_name("FILE");
  command->add_flag("--skip-damaged", options->skip_damaged, "Leave damaged journals out, naming them");
  command->add_option("--ranking", options->ranking, "Write every candidate with votes and confidence, too")
      ->type_name("FILE");
  command
      ->add_option("--batch", options->batch,
                   "Samples in a batch of the reference evaluator, which leaves out blank\n"
                   "samples but not their q_halt, so that later samples of the batch count\n"
                   "with that of an earlier row (default 64). Blank samples at a batch's end,\n"
                   "where they belong, change nothing. 0: all samples with their own q_halt")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40).description(""))
      ->type_name("N");
  set_action(command, program, options, vote);
}

}  // namespace trm
