#include "puzzles/board.hpp"

namespace trm {
namespace {

constexpr const char* bold = "\033[1m";
constexpr const char* red = "\033[31m";
constexpr const char* green = "\033[32m";
constexpr const char* reversed = "\033[7m";
constexpr const char* reset = "\033[0m";

// Does the digit of `cell` stand a second time in its row, column or box?
bool breaks_a_rule(const sudoku::Grid& grid, std::size_t cell) {
  const auto mine = grid.shape().units_of(cell);
  for (std::size_t other = 0; other < grid.size(); ++other) {
    const auto theirs = grid.shape().units_of(other);
    const bool meets = theirs[0] == mine[0] || theirs[1] == mine[1] || theirs[2] == mine[2];
    if (other != cell && meets && grid[cell] != 0 && grid[other] == grid[cell]) return true;
  }
  return false;
}

// Row `row` of a grid; style(cell) is the escape a cell is drawn with, or "".
template <class Style>
std::string sudoku_row(const sudoku::Grid& grid, std::size_t row, const Style& style) {
  std::string text;
  const sudoku::Shape& shape = grid.shape();
  for (std::size_t column = 0; column < shape.side; ++column) {
    if (column != 0) text += column % shape.box_columns == 0 ? " | " : " ";
    const std::size_t cell = row * shape.side + column;
    const char digit = sudoku::symbol(grid[cell]);
    const std::string escape = style(cell);
    text += escape.empty() ? std::string(1, digit) : escape + digit + reset;
  }
  return text;
}

// "------+-------+------"
std::string sudoku_rule(const sudoku::Shape& shape) {
  const std::size_t boxes = shape.side / shape.box_columns, width = 2 * shape.box_columns;
  std::string rule;
  for (std::size_t box = 0; box < boxes; ++box) {
    const bool inner = box != 0 && box + 1 != boxes;
    rule += (box == 0 ? "" : "+") + std::string(width + (inner ? 1 : 0), '-');
  }
  return rule;
}

}  // namespace

std::string sudoku_board(const sudoku::Grid& question, const sudoku::Grid& answer, bool colour,
                         const sudoku::Grid* before) {
  const auto plain = [](std::size_t) { return std::string(); };
  const auto style = [&](std::size_t cell) {
    if (!colour) return std::string();
    const bool given = question[cell] != 0;
    const bool wrong = (given && question[cell] != answer[cell]) || breaks_a_rule(answer, cell);
    const bool changed = before != nullptr && (*before)[cell] != answer[cell];
    return std::string(given ? bold : "") + (wrong ? red : "") + (changed ? reversed : "");
  };
  const sudoku::Shape& shape = question.shape();
  const std::string rule = sudoku_rule(shape) + "     " + sudoku_rule(shape) + '\n';
  std::string text;
  for (std::size_t row = 0; row < shape.side; ++row) {
    if (row != 0 && row % shape.box_rows == 0) text += rule;
    text += sudoku_row(question, row, plain);
    text += row == shape.side / 2 ? "  >  " : "     ";
    text += sudoku_row(answer, row, style) + '\n';
  }
  return text + '\n';
}

namespace {

// A cell of a maze as two columns of text.
std::string maze_cell(char given, char answered, bool colour) {
  const auto in_colour = [&](const char* escape, const std::string& text) {
    return colour ? escape + text + reset : text;
  };
  if (given == 'S' || given == 'G') return in_colour(given == answered ? bold : red, std::string(1, given)) + ' ';
  if (given == answered) return given == '#' ? "██" : "  ";
  if (given == ' ' && answered == 'o') return in_colour(green, "··");
  if (given == ' ' && answered == '#') return in_colour(red, "░░");
  if (given == '#') return in_colour(red, answered == 'o' ? "▒▒" : "▓▓");
  return in_colour(red, "??");
}

}  // namespace

std::string maze_board(const maze::Grid& question, const maze::Grid& answer, bool colour, const maze::Grid* before) {
  const std::size_t columns = maze::side_of(static_cast<std::int64_t>(question.size())).value_or(question.size());
  std::string text;
  for (std::size_t i = 0; i < question.size(); ++i) {
    const bool changed = colour && before != nullptr && (*before)[i] != answer[i];
    text += (changed ? reversed : "") + maze_cell(question[i], answer[i], colour) + (changed ? reset : "");
    if ((i + 1) % columns == 0) text += '\n';
  }
  return text + '\n';
}

}  // namespace trm
