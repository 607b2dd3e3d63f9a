#pragma once
// submission.json as Kaggle takes it: {task: [{"attempt_1": grid, "attempt_2": grid}, one per test input in order]}.

#include <filesystem>
#include <string>
#include <vector>

#include "arc/grid.hpp"

namespace trm::arc {

struct Attempts {
  Grid first;
  Grid second;
};

struct TaskAnswers {
  std::string task;
  std::vector<Attempts> tests;
};

// Grid written where a test input has no prediction, with a warning by the caller.
[[nodiscard]] Grid placeholder();

// Written atomically. Throws Error(io).
void write_submission(const std::filesystem::path& file, const std::vector<TaskAnswers>& answers);

}  // namespace trm::arc
