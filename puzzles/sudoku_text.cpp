// Reading sudokus from text: the layouts that sudoku::parse accepts.

#include <algorithm>

#include "base/error.hpp"
#include "io/text.hpp"
#include "puzzles/question_table.hpp"
#include "puzzles/sudoku.hpp"

namespace trm::sudoku {
namespace {

constexpr std::size_t side = 9;
constexpr std::string_view blanks = ".0_*?";
constexpr std::string_view decoration = " \t|-+=";

struct Cell {
  std::uint8_t digit;
  std::size_t column;  // in characters, from 1
};

// The Unicode block of box drawings, U+2500 to U+257F, in UTF-8.
bool is_box_drawing(std::string_view text) {
  return text.size() >= 3 && text[0] == '\xE2' && (text[1] == '\x94' || text[1] == '\x95') &&
         (static_cast<unsigned char>(text[2]) & 0xC0U) == 0x80U;
}

// The cells of one line; decoration and a comment are left out.
std::vector<Cell> line_cells(std::string_view line, const std::string& name, std::size_t line_number) {
  std::vector<Cell> found;
  std::size_t column = 1;
  for (std::size_t i = 0; i < line.size() && line[i] != '#'; ++i, ++column) {
    const char c = line[i];
    if (c >= '1' && c <= '9') {
      found.push_back({static_cast<std::uint8_t>(c - '0'), column});
    } else if (blanks.find(c) != std::string_view::npos) {
      found.push_back({0, column});
    } else if (is_box_drawing(line.substr(i))) {
      i += 2;
    } else if (decoration.find(c) == std::string_view::npos) {
      throw input_error(name, place(line_number, column), quoted(c) + " is not a sudoku cell",
                        "use 1 to 9, and . or 0 for a blank");
    }
  }
  return found;
}

// A CSV field: 81 cells and nothing else.
Grid field_grid(const std::string& field, const std::string& name, std::size_t line, const std::string& column) {
  const std::string where = "line " + std::to_string(line) + ", column " + column;
  Grid grid{};
  if (field.size() != cells) {
    throw input_error(name, where, "has " + plural(field.size(), "character"), "a sudoku has 81");
  }
  for (std::size_t i = 0; i < cells; ++i) {
    const char c = field[i];
    if (c >= '1' && c <= '9') {
      grid[i] = static_cast<std::uint8_t>(c - '0');
    } else if (blanks.find(c) == std::string_view::npos) {
      throw input_error(name, where + ", character " + std::to_string(i + 1), quoted(c) + " is not a sudoku cell",
                        "use 1 to 9, and . or 0 for a blank");
    }
  }
  return grid;
}

std::vector<Puzzle> parse_table(std::string_view text, const std::string& name) {
  std::vector<Puzzle> puzzles;
  for (const auto& [line, question, answer] : read_questions(text, name)) {
    Puzzle puzzle{.question = field_grid(question, name, line, "question"), .answer = {}, .line = line};
    if (!answer.empty()) puzzle.answer = field_grid(answer, name, line, "answer");
    puzzles.push_back(puzzle);
  }
  return puzzles;
}

// A grid that comes row by row.
class GridInProgress {
 public:
  GridInProgress(const std::string& name, std::vector<Puzzle>& out) : name_(name), out_(out) {}

  [[nodiscard]] std::size_t rows() const { return rows_; }

  void add_row(const std::vector<Cell>& row, std::size_t line) {
    if (rows_ == 0) puzzle_ = {.question = {}, .answer = {}, .line = line};
    for (std::size_t i = 0; i < side; ++i) puzzle_.question[rows_ * side + i] = row[i].digit;
    if (++rows_ < side) return;
    out_.push_back(puzzle_);
    rows_ = 0;
  }

  // Anything but a next row has come: only an empty line between bands leaves a grid open.
  void interrupt(std::size_t line, const std::string& by) const {
    throw input_error(
        name_, "line " + std::to_string(line),
        by + " after " + plural(rows_, "row") + " of the grid that starts in line " + std::to_string(puzzle_.line),
        "a grid has nine rows of nine cells");
  }

 private:
  const std::string& name_;
  std::vector<Puzzle>& out_;
  Puzzle puzzle_;
  std::size_t rows_ = 0;
};

void take_line(const std::vector<Cell>& found, bool empty_line, std::size_t line, const std::string& name,
               GridInProgress& grid, std::vector<Puzzle>& out) {
  const std::size_t open_rows = grid.rows();
  if (found.size() == side) {
    grid.add_row(found, line);
  } else if (found.empty()) {
    if (empty_line && open_rows % 3 != 0) grid.interrupt(line, "an empty line");
  } else if (found.size() != cells) {
    throw input_error(name, place(line, found.back().column), "the line has " + plural(found.size(), "cell"),
                      "81 (a whole puzzle) or 9 (a row) are needed");
  } else if (open_rows != 0) {
    grid.interrupt(line, "a whole puzzle");
  } else {
    Puzzle puzzle{.question = {}, .answer = {}, .line = line};
    std::transform(found.begin(), found.end(), puzzle.question.begin(), [](const Cell& cell) { return cell.digit; });
    out.push_back(puzzle);
  }
}

}  // namespace

std::vector<Puzzle> parse(std::string_view text, const std::string& name) {
  std::vector<Puzzle> puzzles;
  if (has_question_column(text)) {
    puzzles = parse_table(text, name);
  } else {
    GridInProgress grid(name, puzzles);
    std::size_t number = 0;
    for (const std::string_view line : split_lines(text)) {
      number += 1;
      const bool empty_line = line.find_first_not_of(" \t") == std::string_view::npos;
      take_line(line_cells(line, name, number), empty_line, number, name, grid, puzzles);
    }
    if (grid.rows() != 0) grid.interrupt(number, "the end of the file");
  }
  if (puzzles.empty())
    throw input_error(name, "", "holds no puzzle", "give one a line, 81 characters, . or 0 for a blank");
  return puzzles;
}

}  // namespace trm::sudoku
