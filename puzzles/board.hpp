#pragma once
// Puzzles drawn for people. With `colour` the text holds ANSI escapes.

#include <string>

#include "puzzles/maze.hpp"
#include "puzzles/sudoku.hpp"

namespace trm {

// The puzzle and its answer side by side; in colour the givens are bold, changed
// givens and digits that break a rule red. An empty line follows.
[[nodiscard]] std::string sudoku_board(const sudoku::Grid& question, const sudoku::Grid& answer, bool colour);

// Two columns a cell: walls solid, the path dotted (green in colour). An empty line follows.
[[nodiscard]] std::string maze_board(const maze::Grid& grid, bool colour);

}  // namespace trm
