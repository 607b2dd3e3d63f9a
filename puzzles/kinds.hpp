#pragma once
// The kinds of puzzles that solving knows: sudokus and mazes.

#include <cstddef>
#include <cstdint>
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

// The steps of one try where the caller names none: a single try has all that the model was trained for; where more
// tries may follow, fewer steps are the better use of the time.
[[nodiscard]] std::int64_t default_steps(const PuzzleKind& kind, const Hyperparameters& model, std::size_t tries);

}  // namespace trm
