#pragma once
// The answers to all test inputs, wherever their votes come from: recorded arrays, journals, a run under way.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/submission.hpp"
#include "arc/vote/votes.hpp"

namespace trm::arc {

using Ballots = std::vector<std::vector<std::vector<Prediction>>>;  // [task][test][sample], in the order of arrival
using Ranking = std::vector<std::vector<std::vector<Candidate>>>;   // [task][test][place], best first

// Of every test input, without any prediction yet.
[[nodiscard]] Ballots empty_ballots(std::span<const Task> tasks);

// rank() of every test input; the same bits for any number of threads.
[[nodiscard]] Ranking rank_all(const Ballots& ballots, int threads);

// The best two of every test input; the first repeated if there is but one, the placeholder twice if there is none.
[[nodiscard]] std::vector<TaskAnswers> answers(std::span<const Task> tasks, const Ranking& ranking);

// Test inputs without a candidate, for a warning: "1f0c79e5 (test input 2)".
[[nodiscard]] std::vector<std::string> unanswered(std::span<const Task> tasks, const Ranking& ranking);

// Every candidate: {task: [[{"votes": 3, "confidence": 0.5, "grid": grid}, best first], one list per test input]}.
// Written atomically, a task at a time. Throws Error(io).
void write_ranking(const std::filesystem::path& file, std::span<const Task> tasks, const Ranking& ranking);

}  // namespace trm::arc
