#pragma once
// Journals of one run on many machines, counted together.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/journal.hpp"
#include "arc/ranking.hpp"

namespace trm::arc {

// Opens all of them. Throws Error(input) for one of another model, other options or other challenges than the first,
// and for a damaged one; `on_damaged`, where given, is told instead, and the rest is taken. At least one must be left.
[[nodiscard]] std::vector<Journal> open_journals(std::span<const std::string> files,
                                                 const std::function<void(const std::string& why)>& on_damaged);

// The journals' tasks with as many test inputs, which are empty: enough to count votes and write a submission.
[[nodiscard]] std::vector<Task> tasks_of(const Journal& journal);

// The same for any division of the samples among journals. A sample that several hold counts once.
[[nodiscard]] Ranking rank_all(std::span<const Journal> journals, std::span<const Task> tasks);

// Samples in them, those that several hold once.
[[nodiscard]] std::int64_t count_samples(std::span<const Journal> journals);

}  // namespace trm::arc
