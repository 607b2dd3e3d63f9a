#include "arc/run/merge.hpp"

#include <algorithm>
#include <iterator>

#include "arc/run/ballot.hpp"
#include "base/error.hpp"
#include "io/sha256.hpp"

namespace trm::arc {

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
  const std::string sha256 = sha256_of_file(challenges);
  for (const Journal& journal : journals) {
    JournalHeader expected = journal.header();
    for (auto& [key, value] : expected) {
      if (key == "challenges") value = sha256;
    }
    check_same_run(journal.name(), journal.header(), challenges.string(), expected);
  }
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

std::int64_t add_journals(std::span<const Journal> journals, std::span<const Task> tasks, Ballots& ballots) {
  std::int64_t votes = 0;
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    for (std::size_t test = 0; test < tasks[task].test.size(); ++test) {
      auto predictions = ballot(journals, tasks[task].name, static_cast<std::int64_t>(test));
      votes += static_cast<std::int64_t>(predictions.size());
      std::move(predictions.begin(), predictions.end(), std::back_inserter(ballots[task][test]));
    }
  }
  return votes;
}

}  // namespace trm::arc
