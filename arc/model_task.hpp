#pragma once
// What a model is for. Its file does not say: the number of its cells and of its tokens tells.

#include <string_view>

#include "models/hyperparameters.hpp"

namespace trm::arc {

// "sudoku", "maze", "arc", or empty: puzzles that this project does not know.
[[nodiscard]] std::string_view task_of(const Hyperparameters& model);

}  // namespace trm::arc
