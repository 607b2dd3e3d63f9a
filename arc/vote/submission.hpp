#pragma once
// submission.json as Kaggle takes it: {task: [{"attempt_1": grid, "attempt_2": grid}, one per test input in order]}.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "arc/vote/ranking.hpp"

namespace trm::arc {

struct Attempts {
  Grid first;
  Grid second;
};

// The best two candidates; the first one twice if there is but one, the placeholder twice if there is none.
[[nodiscard]] Attempts attempts(std::span<const Candidate> candidates);

// The answer to a test input without candidates. Left out, it would shift the answers of its task.
[[nodiscard]] Grid placeholder();

// Test inputs that get the placeholder, for a warning: "1f0c79e5 (test input 2)".
[[nodiscard]] std::vector<std::string> unanswered(std::span<const Task> tasks, const Ranking& ranking);

[[nodiscard]] std::string submission_text(std::span<const Task> tasks, const Ranking& ranking);
// The same as a file, written atomically. Throws Error(io).
void write_submission(const std::filesystem::path& file, std::span<const Task> tasks, const Ranking& ranking);

}  // namespace trm::arc
