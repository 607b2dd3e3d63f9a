#pragma once
// The kinds of puzzles that solving knows: sudokus and mazes.

#include <cstddef>
#include <optional>

#include "models/hyperparameters.hpp"
#include "puzzles/solve.hpp"
#include "puzzles/sudoku.hpp"

namespace trm {

// Variants: from the second try on a view of the puzzle with a guess, one more digit; without `guesses` a view alone.
[[nodiscard]] PuzzleKind sudoku_kind(bool guesses = true, const sudoku::Alphabet& alphabet = {});

// Variants: the eight symmetries of the square, in an order that the seed chooses, again and again.
[[nodiscard]] PuzzleKind maze_kind(std::size_t side);

// The kind that a model of these sizes solves; nothing for others. `guesses`: as above.
[[nodiscard]] std::optional<PuzzleKind> kind_of(const Hyperparameters& model, bool guesses = true);

// The options of so many tries (0: the kind's default), each run as `run` says. Where it names no steps, a single try
// has all that the model was trained for; with more tries to follow, fewer steps are the better use of the time.
[[nodiscard]] SolveOptions options_of(const PuzzleKind& kind, const Hyperparameters& model, const RunOptions& run,
                                      std::size_t tries);

}  // namespace trm
