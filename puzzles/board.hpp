#pragma once
// Puzzles drawn for people. With `colour` the text holds ANSI escapes.

#include <string>

#include "puzzles/maze.hpp"
#include "puzzles/sudoku.hpp"

namespace trm {

// The puzzle and its answer side by side; in colour the givens are bold, changed
// givens and digits that break a rule red, digits that differ from `before`, an earlier answer, reversed. An empty
// line follows.
[[nodiscard]] std::string sudoku_board(const sudoku::Grid& question, const sudoku::Grid& answer, bool colour,
                                       const sudoku::Grid* before = nullptr);

// The answer drawn over the question, two columns a cell: walls solid, the path dotted (green in colour). Every wall, S
// and G of the question stays; what the answer makes of it is marked (red in colour): ▒▒ path through a wall, ▓▓
// another cell in place of a wall, ░░ a wall in a free cell, ?? anything else. In colour, cells that differ from
// `before`, an earlier answer, are reversed. An empty line follows.
[[nodiscard]] std::string maze_board(const maze::Grid& question, const maze::Grid& answer, bool colour,
                                     const maze::Grid* before = nullptr);

}  // namespace trm
