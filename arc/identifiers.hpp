#pragma once
// The ids that the reference's data set builder (TinyRecursiveModels, dataset/build_arc_dataset.py) gives puzzles and
// their augmentations, rebuilt from the same challenges, seed and number of augmentations. Ids count from 1 in the
// order in which the builder takes the puzzles. Every puzzle is in its training split and has its id from there, so the
// choice of the test set changes no id.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arc/challenges.hpp"

namespace trm::arc {

// One challenges file as the builder reads it: every test input has an output, from <name>_solutions.json beside
// <name>_challenges.json; without that file its own, or a dummy [[0]].
struct Subset {
  std::vector<Task> tasks;
  bool has_solutions = false;
};
// Where the builder looks for the answers of <name>_challenges.json: <name>_solutions.json in the same folder. Empty
// for a file of another name.
[[nodiscard]] std::filesystem::path solutions_beside(const std::filesystem::path& challenges);
// Throws what read_challenges and read_solutions throw, and Error(input) for a task with a fault.
[[nodiscard]] Subset read_subset(const std::filesystem::path& challenges);

struct BuilderOptions {
  std::uint32_t seed = 42;
  std::int64_t augmentations = 1000;  // of each puzzle; fewer if five times as many trials do not find so many
};

struct NamedTask {
  std::string_view task;
  std::int64_t augmentations = 0;  // found
  std::vector<std::string> names;  // of the next ids, without names that an earlier task of the same name took
};

// Calls `visit` for every task, in the order of the ids, until it returns false.
void for_each_named_task(std::span<const Subset> subsets, const BuilderOptions& options,
                         const std::function<bool(const NamedTask&)>& visit);

}  // namespace trm::arc
