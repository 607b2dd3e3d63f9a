#pragma once
// The official files: challenges ({task: {train: [{input, output}], test: [{input}]}}), the older form of one task a
// file (<task>.json: {train: [{input, output}], test: [{input, output}]}) or a folder of such files, and solutions
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
  // Why the task cannot be used: "task 'a', train 1, input, row 2: has 31 cells; ..."; empty: it can. Of such a task
  // only the name and the number of test inputs are known; its grids are empty.
  std::string fault{};
};

// In the file's order; of a folder, in the order of the names of its .json files, each one task called as its file.
// A malformed task (a ragged grid, a side over 30, a colour beyond 9, no test input) gets a fault and does not stop the
// others. Throws Error(input) naming file, task and place (line and column of malformed JSON) when every task is
// malformed, and for a file that is malformed as a whole: no JSON, a task twice, a folder of other files.
[[nodiscard]] std::vector<Task> read_challenges(const std::filesystem::path& path);

// The files that read_challenges reads: `path` itself, or the .json files of the folder, by name.
[[nodiscard]] std::vector<std::filesystem::path> challenges_files(const std::filesystem::path& path);

// Throws Error(input) for the first task with a fault.
void require_sound(std::span<const Task> tasks, const std::string& file);

// Answers of the tasks, as many as test inputs each. Throws Error(input) when a task is missing, its number differs or
// an answer is no grid. Those of a task with a fault are not read: its grids are empty.
[[nodiscard]] std::vector<std::vector<Grid>> read_solutions(const std::filesystem::path& file,
                                                            std::span<const Task> tasks);

// The same of texts; `file` is for messages, and names the task of a file of one task.
[[nodiscard]] std::vector<Task> parse_challenges(std::string_view text, const std::string& file);
[[nodiscard]] std::vector<std::vector<Grid>> parse_solutions(std::string_view text, const std::string& file,
                                                             std::span<const Task> tasks);

}  // namespace trm::arc
