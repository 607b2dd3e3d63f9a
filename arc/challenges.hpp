#pragma once
// The official files: challenges ({task: {train: [{input, output}], test: [{input}]}}) and solutions
// ({task: [grid, one per test input]}).

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arc/grid.hpp"

namespace trm::arc {

struct Example {
  Grid input;
  Grid output;
};

struct Task {
  std::string name;
  std::vector<Example> train;
  std::vector<Grid> test;                     // inputs
  std::vector<std::optional<Grid>> expected;  // outputs that a challenges file may carry itself; as many as test
};

// In the file's order. Throws Error(input) naming file, task, and place (line and column of malformed JSON) for
// anything else than that: ragged grids, sides over 30, colours beyond 9, a task twice, no test input.
[[nodiscard]] std::vector<Task> read_challenges(const std::filesystem::path& file);

// Answers of the tasks, as many as test inputs each. Throws Error(input) when a task is missing or its number differs.
[[nodiscard]] std::vector<std::vector<Grid>> read_solutions(const std::filesystem::path& file,
                                                            std::span<const Task> tasks);

// The same of texts; `file` is for messages.
[[nodiscard]] std::vector<Task> parse_challenges(std::string_view text, const std::string& file);
[[nodiscard]] std::vector<std::vector<Grid>> parse_solutions(std::string_view text, const std::string& file,
                                                             std::span<const Task> tasks);

}  // namespace trm::arc
