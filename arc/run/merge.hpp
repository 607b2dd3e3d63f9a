#pragma once
// The journals of several machines as one vote.

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/run/journal.hpp"
#include "arc/vote/ranking.hpp"

namespace trm::arc {

// Opens journals of one run, in order. A damaged one is told to `skipped` and left out where that is given; else, and
// where one is of another model, other options or other challenges, throws Error(input) naming it.
[[nodiscard]] std::vector<Journal> open_journals(std::span<const std::string> files,
                                                 const std::function<void(const std::string& reason)>& skipped);

// Throws Error(input) unless the journals were made with this challenges file.
void check_challenges(std::span<const Journal> journals, const std::filesystem::path& challenges);

// The journals' tasks, as far as a submission needs them: names, and empty grids for test inputs.
[[nodiscard]] std::vector<Task> tasks_of(const Journal& journal);

// Adds all votes on `tasks`. Returns how many there are.
std::int64_t add_journals(std::span<const Journal> journals, std::span<const Task> tasks, Ballots& ballots);

}  // namespace trm::arc
