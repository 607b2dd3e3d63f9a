#pragma once
// The cells of a maze as texts write them, and a maze that comes row by row.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "puzzles/maze.hpp"

namespace trm::maze {

// Cells as a text has them: `symbols`, '.' for a free cell as well, and '0' and '1', of which the maze as a whole tells
// which is the wall. A row may have lost the spaces at its end.
struct RawMaze {
  Grid cells;                // as in the text, '.' and spaces kept apart
  bool short_rows = false;   // some rows lack cells at their ends
  bool kept_spaces = false;  // some rows have all cells and a space at their ends
  std::size_t line = 0;      // where it starts, from 1
};

// Takes a row, which may be short.
void add_row(RawMaze& raw, std::string_view row, std::size_t side);

// The row of `side` cells that a line holds: the cells themselves, with a space or a delimiter between them, or fewer
// cells where spaces may have been cut off. Nothing for a line that is no row.
[[nodiscard]] std::optional<std::string> row_of(std::string_view line, std::size_t side);

// The grid that these cells mean, in `symbols`. Throws Error(input) naming `where` unless it has one S and one G, its 0
// and 1 have one meaning, and its short rows can be nothing but rows cut at their ends. `is_answer`: a path is welcome.
[[nodiscard]] Grid grid_of(RawMaze raw, std::size_t side, bool is_answer, const std::string& name,
                           const std::string& where);

}  // namespace trm::maze
