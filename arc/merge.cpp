#include "arc/merge.hpp"

#include <set>
#include <tuple>

#include "arc/standings.hpp"
#include "runtime/error.hpp"

namespace trm::arc {

std::vector<Journal> open_journals(std::span<const std::string> files,
                                   const std::function<void(const std::string& why)>& on_damaged) {
  std::vector<Journal> journals;
  for (const std::string& file : files) {
    try {
      journals.push_back(Journal::read(file));
    } catch (const Error& error) {
      if (!on_damaged || error.kind() != ErrorKind::input) throw;
      on_damaged(error.what());
      continue;
    }
    const Journal& first = journals.front();
    const Journal& last = journals.back();
    check_same_run(last.name(), last.header(), first.name(), first.header());
  }
  if (journals.empty()) throw Error(ErrorKind::input, "every journal is damaged; there is nothing to count");
  return journals;
}

std::vector<Task> tasks_of(const Journal& journal) {
  std::vector<Task> tasks;
  for (const JournalTask& task : journal.tasks()) {
    const auto inputs = static_cast<std::size_t>(task.test_inputs);
    tasks.push_back({.name = task.name,
                     .train = {},
                     .test = std::vector<Grid>(inputs),
                     .expected = std::vector<std::optional<Grid>>(inputs)});
  }
  return tasks;
}

Ranking rank_all(std::span<const Journal> journals, std::span<const Task> tasks) {
  Ranking ranking(tasks.size());
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    for (std::size_t test = 0; test < tasks[task].test.size(); ++test) {
      ranking[task].push_back(rank_test_input(journals, tasks[task].name, static_cast<std::int64_t>(test)));
    }
  }
  return ranking;
}

std::int64_t count_samples(std::span<const Journal> journals) {
  std::set<std::tuple<std::string, std::int64_t, std::int64_t>> seen;
  for (const Journal& journal : journals) {
    journal.for_each_key([&](const JournalKey& key) { seen.emplace(key.puzzle, key.test, key.puzzle_id); });
  }
  return static_cast<std::int64_t>(seen.size());
}

}  // namespace trm::arc
