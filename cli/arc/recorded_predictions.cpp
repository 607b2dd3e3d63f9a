#include "cli/arc/recorded_predictions.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>

#include "arc/run/journals.hpp"
#include "base/error.hpp"
#include "cli/arc/tasks.hpp"
#include "cli/command.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

using Path = std::filesystem::path;

struct Sources {
  std::vector<std::string> folders;
  std::vector<std::string> journals;
};

// The journals of a folder, by name; nothing for a file, or for a folder of recorded predictions.
std::vector<std::string> journals_in(const Path& folder) {
  std::vector<std::string> files;
  if (!std::filesystem::is_directory(folder) || std::filesystem::exists(folder / "inputs.npy")) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".journal") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Votes count twice where a folder does.
Sources sort_sources(const std::vector<std::string>& paths) {
  Sources sources;
  std::vector<Path> seen;
  for (const std::string& path : paths) {
    if (!std::filesystem::exists(path)) {
      throw Error(ErrorKind::io, path + ": does not exist; give journals, or folders of recorded predictions");
    }
    std::vector<std::string> files = journals_in(path);
    const bool recorded = files.empty() && std::filesystem::is_directory(path);
    if (files.empty()) files = {path};
    auto& list = recorded ? sources.folders : sources.journals;
    list.insert(list.end(), files.begin(), files.end());
    for (const std::string& file : files) {
      seen.push_back(std::filesystem::canonical(file));
      if (std::count(seen.begin(), seen.end(), seen.back()) == 1) continue;
      throw Error(ErrorKind::usage, file + ": is given twice; its votes would count twice");
    }
  }
  return sources;
}

std::vector<arc::Journal> open_journals(const PredictionOptions& options, const Sources& sources) {
  if (sources.journals.empty()) return {};
  const auto skip = [](const std::string& reason) { note("trm: warning: left out: " + reason); };
  auto journals =
      arc::open_journals(sources.journals, options.skip_damaged ? skip : std::function<void(const std::string&)>());
  if (!options.challenges.empty()) check_challenges(journals, options.challenges);
  return journals;
}

// Without --challenges all folders must be of the same tasks.
std::vector<arc::Task> read_tasks(const PredictionOptions& options, const Sources& sources,
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

}  // namespace

void add_prediction_options(CLI::App& command, PredictionOptions& options) {
  command
      .add_option("SOURCES", options.sources,
                  "Journals of 'trm arc', folders of them, and folders of recorded\npredictions; they vote together")
      ->required()
      ->type_name("");
  command
      .add_option("--challenges", options.challenges,
                  "Tasks to answer, in the order of the submission (default:\n"
                  "test_puzzles.json of the folders, or the journals' own list)")
      ->type_name("FILE");
  command
      .add_option("--solutions", options.solutions,
                  "Their answers, to count pass@K (default: the outputs that the\n"
                  "challenges carry)")
      ->type_name("FILE");
  command.add_flag("--skip-damaged", options.skip_damaged, "Leave damaged journals out, naming them");
  command
      .add_option("--batch", options.batch,
                  "Samples in a batch of the reference evaluator, which leaves out blank\n"
                  "samples but not their q_halt, so that later samples of the batch count\n"
                  "with that of an earlier row (default 64). Blank samples at a batch's end,\n"
                  "where they belong, change nothing. 0: all samples with their own q_halt")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40).description(""))
      ->type_name("N");
}

RecordedPredictions read_predictions(const CommonOptions& common, const PredictionOptions& options) {
  RecordedPredictions recorded;
  const Sources sources = sort_sources(options.sources);
  recorded.journals = open_journals(options, sources);
  recorded.tasks = read_tasks(options, sources, recorded.journals, recorded.challenges);
  recorded.solutions = options.solutions.empty() ? arc::carried_solutions(recorded.tasks)
                                                 : arc::read_solutions(options.solutions, recorded.tasks);
  recorded.of_folders = arc::no_predictions(recorded.tasks);
  const int threads = threads_of(common);
  for (const std::string& folder : sources.folders) {
    add(recorded.count, arc::add_recorded(folder, recorded.tasks, recorded.of_folders, {options.batch, threads}),
        folder);
  }
  return recorded;
}

std::vector<arc::Prediction> predictions_for(RecordedPredictions& recorded, std::size_t task, std::size_t test) {
  auto predictions =
      arc::predictions_for(recorded.journals, recorded.tasks[task].name, static_cast<std::int64_t>(test));
  recorded.count.samples += static_cast<std::int64_t>(predictions.size());
  auto& more = recorded.of_folders[task][test];
  std::move(more.begin(), more.end(), std::back_inserter(predictions));
  more.clear();
  return predictions;
}

void warn_of_samples(const RecordedPredictions& recorded) {
  warn_of_faults(recorded.tasks);
  if (recorded.count.foreign > 0) {
    note("trm: warning: " + std::to_string(recorded.count.foreign) + " of " +
         std::to_string(recorded.count.foreign + recorded.count.samples) + " samples are not of a test input of " +
         recorded.challenges + " and do not count; the first is " + recorded.count.first_foreign);
  }
  if (recorded.count.shifted > 0) {
    note(
        "trm: warning: " + std::to_string(recorded.count.shifted) +
        " samples come after a blank one of their batch and count, as in the reference evaluator, with the q_halt of " +
        "an earlier row (--batch 0: with their own)");
  }
}

}  // namespace trm
