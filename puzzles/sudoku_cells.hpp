#pragma once
// The cells of a sudoku as texts write them: which characters and fields are cells, and which sequences of them are a
// row or a whole puzzle. Whatever could be read in two ways is none.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "puzzles/sudoku.hpp"

namespace trm::sudoku {

using Line = std::u32string_view;

// Blanks that no character stands for.
inline constexpr char32_t empty_field = 0xE000;  // nothing between two delimiters
inline constexpr char32_t minus_one = 0xE001;    // -1
inline constexpr char32_t missing = 0xE002;      // nan, None, null: what programs write for a missing value

struct Cell {
  std::uint8_t digit = 0;  // 0: blank
  char32_t blank = 0;      // how a blank is written; '.' and '0' both as '0'
};
using Cells = std::vector<Cell>;

// How messages call such a blank: "'x'", "-1", "an empty field".
[[nodiscard]] std::string blank_text(char32_t blank);

// The one way in which cells write their blanks: 0 where they have no blank, nothing where there are two ways.
[[nodiscard]] std::optional<char32_t> blank_of(const Cells& found);

// A field that holds one cell: 5, 5.0, 0, -1, nan, x, or nothing.
[[nodiscard]] std::optional<Cell> cell_of(Line field);

// A cell each character, blanks written in one way; nothing where a character is none.
[[nodiscard]] std::optional<Cells> cells_of(Line characters);

// The cells of a line whose spaces, bars, commas, semicolons or tabs set apart cells, threes, rows or whole puzzles;
// nothing where the groups differ in size or blanks are written in several ways.
[[nodiscard]] std::optional<Cells> grouped_cells(Line line);

// Nine cells of which the blanks are spaces, told by their columns: "53  7    ", "|53 | 7 |   |", "| 5 |   | ...". The
// line must have its full width.
struct SpacedRow {
  Cells cells;
  bool columns_tell = false;  // no other reading: bars, or a digit where "5 3 7" would have a space
};
[[nodiscard]] std::optional<SpacedRow> spaced_row(Line line);

// 81 characters that are a puzzle and nothing else.
[[nodiscard]] std::optional<Grid> whole_puzzle(Line text);

// The 81 cells as a grid.
[[nodiscard]] Grid grid_of(const Cells& found);

// Do the digits of `answer` fill every cell and leave the digits of `question` as they are?
[[nodiscard]] bool completes(const Grid& answer, const Grid& question);

// A line of a frame: - = _ * ~ + and box drawings. `pure` is its only character, where it has but one.
struct Rule {
  char32_t pure = 0;
};
[[nodiscard]] std::optional<Rule> rule_of(Line line);

// Can a line of nothing but this be a rule or an empty line as well as a row of blanks?
[[nodiscard]] bool draws_rules(char32_t blank);

[[nodiscard]] Line trimmed(Line text);
[[nodiscard]] bool is_bar(char32_t c);  // | and the box drawings

}  // namespace trm::sudoku
