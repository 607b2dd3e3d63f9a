#pragma once
// The kinds of puzzles that solving knows: sudokus and mazes.

#include <cstddef>
#include <optional>

#include "models/hyperparameters.hpp"
#include "puzzles/solve.hpp"

namespace trm {

// Variants: from the second try on a view of the puzzle with a guess, one more digit.
[[nodiscard]] PuzzleKind sudoku_kind();

// Variants: the eight symmetries of the square, in an order that the seed chooses, again and again.
[[nodiscard]] PuzzleKind maze_kind(std::size_t side);

// The kind that a model of these sizes solves; nothing for others.
[[nodiscard]] std::optional<PuzzleKind> kind_of(const Hyperparameters& model);

}  // namespace trm
