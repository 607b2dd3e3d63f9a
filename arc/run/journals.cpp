#include "arc/run/journals.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <iterator>
#include <variant>

#include "base/error.hpp"
#include "io/checksum.hpp"
#include "io/sha256.hpp"
#include "models/family.hpp"
#include "models/loaded_model.hpp"

namespace trm::arc {
namespace {

// "no", "yes", "margin 0.5", or "residual 0.1".
std::string halting(const RunOptions& run) {
  if (!run.may_halt()) return "no";
  if (run.halt && run.halt_margin == 0) return "yes";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), run.halt ? "margin %.9g" : "residual %.9g",
                static_cast<double>(run.halt ? run.halt_margin : run.halt_residual));
  return text.data();
}

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016" PRIx64, number);
  return text.data();
}

// The checksum of all else in the model file, the tensors' checksums included.
std::string identity(const Model& model) {
  return hexadecimal(std::get<std::uint64_t>(*model.impl().file.find("trm.metadata_checksum")));
}

// The SHA-256 of the file; of a folder, the XXH3-64 of its files' names and sums.
std::string challenges_sum(const std::filesystem::path& challenges) {
  if (!std::filesystem::is_directory(challenges)) return sha256_of_file(challenges);
  std::string lines;
  for (const auto& file : challenges_files(challenges)) {
    lines += sha256_of_file(file) + "  " + file.filename().string() + '\n';
  }
  return hexadecimal(checksum(std::as_bytes(std::span(lines))));
}

}  // namespace

JournalHeader journal_header(const Model& model, const RunOptions& run, const std::filesystem::path& challenges) {
  const std::int64_t steps = run.steps > 0 ? run.steps : model.hyperparameters().halt_max_steps;
  JournalHeader header{{"challenges", challenges_sum(challenges)},
                       {"type", std::string(model.type())},
                       {"steps", std::to_string(steps)},
                       {"halt", halting(run)},
                       {"model", identity(model)}};
  if (draws_random_numbers(model.hyperparameters())) header.emplace_back("seed", std::to_string(run.seed));
  return header;
}

std::vector<Journal> open_journals(std::span<const std::string> files,
                                   const std::function<void(const std::string& reason)>& skipped) {
  std::vector<Journal> journals;
  for (const std::string& file : files) {
    try {
      journals.push_back(Journal::read(file));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::input || !skipped) throw;
      skipped(error.what());
    }
  }
  if (journals.empty()) throw Error(ErrorKind::work, "no journal can be read; nothing is left to vote");
  for (const Journal& journal : journals) {
    check_same_run(journal.name(), journal.header(), journals.front().name(), journals.front().header());
  }
  return journals;
}

void check_challenges(std::span<const Journal> journals, const std::filesystem::path& challenges) {
  const std::string sum = challenges_sum(challenges);
  for (const Journal& journal : journals) {
    JournalHeader expected = journal.header();
    for (auto& [key, value] : expected) {
      if (key == "challenges") value = sum;
    }
    check_same_run(journal.name(), journal.header(), challenges.string(), expected);
  }
}

std::vector<JournalTask> journal_tasks(std::span<const Task> tasks) {
  std::vector<JournalTask> list;
  for (const Task& task : tasks) list.push_back({task.name, static_cast<std::int64_t>(task.test.size())});
  return list;
}

SampleStore store_of(Journal& journal) {
  return {.add = [&journal](const FinishedSample& sample) { journal.add(sample); },
          .for_each =
              [&journal](const auto& visit) {
                journal.for_each_sample([&](const FinishedSample& sample) {
                  visit({sample.puzzle, sample.test, sample.puzzle_id}, prediction_of(sample));
                });
              },
          .commit = [&journal] { journal.commit(); }};
}

std::vector<Task> tasks_of(const Journal& journal) {
  std::vector<Task> tasks;
  for (const JournalTask& task : journal.tasks()) {
    const auto tests = static_cast<std::size_t>(task.test_inputs);
    tasks.push_back({.name = task.name, .train = {}, .test = std::vector<Grid>(tests), .expected = {}});
    tasks.back().expected.resize(tests);
  }
  return tasks;
}

std::vector<Prediction> predictions_for(std::span<const Journal> journals, const std::string& puzzle,
                                        std::int64_t test) {
  std::vector<FinishedSample> samples;
  for (const Journal& journal : journals) {
    auto some = journal.samples(puzzle, test);
    std::move(some.begin(), some.end(), std::back_inserter(samples));
  }
  const auto by_id = [](const FinishedSample& a, const FinishedSample& b) { return a.puzzle_id < b.puzzle_id; };
  std::stable_sort(samples.begin(), samples.end(), by_id);
  const auto same = [](const FinishedSample& a, const FinishedSample& b) { return a.puzzle_id == b.puzzle_id; };
  samples.erase(std::unique(samples.begin(), samples.end(), same), samples.end());
  std::vector<Prediction> predictions;
  predictions.reserve(samples.size());
  for (const FinishedSample& sample : samples) predictions.push_back(prediction_of(sample));
  return predictions;
}

std::int64_t add_journals(std::span<const Journal> journals, std::span<const Task> tasks, Predictions& predictions) {
  std::int64_t count = 0;
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    for (std::size_t test = 0; test < tasks[task].test.size(); ++test) {
      auto more = predictions_for(journals, tasks[task].name, static_cast<std::int64_t>(test));
      count += static_cast<std::int64_t>(more.size());
      std::move(more.begin(), more.end(), std::back_inserter(predictions[task][test]));
    }
  }
  return count;
}

}  // namespace trm::arc
