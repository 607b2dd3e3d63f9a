// Reading sudokus from text: the layouts that sudoku::Reader knows.

#include <algorithm>
#include <utility>

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

}  // namespace

struct Reader::State {
  LineSource source;
  std::string line{};
  std::size_t given = 0;
  std::optional<QuestionColumns> table{};
  Puzzle puzzle{};       // the grid that comes row by row
  std::size_t rows = 0;  // of it

  [[nodiscard]] std::optional<Puzzle> next_of_table();
  [[nodiscard]] std::optional<Puzzle> next_of_lines();
  [[nodiscard]] bool take_row(const std::vector<Cell>& row);
  [[nodiscard]] bool take_line(const std::vector<Cell>& found);
  void interrupt(std::size_t at, const std::string& by) const;
};

std::optional<Puzzle> Reader::State::next_of_table() {
  const auto row = next_question(*table, source);
  if (!row) return std::nullopt;
  Puzzle read{.question = field_grid(row->question, source.name(), row->line, "question"),
              .answer = {},
              .line = row->line,
              .name = {}};
  if (!row->answer.empty()) read.answer = field_grid(row->answer, source.name(), row->line, "answer");
  return read;
}

// Anything but a next row has come: only an empty line between bands leaves a grid open.
void Reader::State::interrupt(std::size_t at, const std::string& by) const {
  throw input_error(
      source.name(), "line " + std::to_string(at),
      by + " after " + plural(rows, "row") + " of the grid that starts in line " + std::to_string(puzzle.line),
      "a grid has nine rows of nine cells");
}

bool Reader::State::take_row(const std::vector<Cell>& row) {
  if (rows == 0) puzzle = {.question = {}, .answer = {}, .line = source.number(), .name = {}};
  for (std::size_t i = 0; i < side; ++i) puzzle.question[rows * side + i] = row[i].digit;
  rows = (rows + 1) % side;
  return rows == 0;
}

// Is `puzzle` complete with this line?
bool Reader::State::take_line(const std::vector<Cell>& found) {
  const std::size_t number = source.number();
  if (found.size() == side) return take_row(found);
  if (found.empty()) {
    if (trimmed(line).empty() && rows % 3 != 0) interrupt(number, "an empty line");
    return false;
  }
  if (found.size() != cells) {
    throw input_error(source.name(), place(number, found.back().column), "the line has " + plural(found.size(), "cell"),
                      "81 (a whole puzzle) or 9 (a row) are needed");
  }
  if (rows != 0) interrupt(number, "a whole puzzle");
  puzzle = {.question = {}, .answer = {}, .line = number, .name = {}};
  std::transform(found.begin(), found.end(), puzzle.question.begin(), [](const Cell& cell) { return cell.digit; });
  return true;
}

std::optional<Puzzle> Reader::State::next_of_lines() {
  while (source.next(line)) {
    if (source.number() == 1) table = question_columns(line);
    if (table) return next_of_table();
    if (take_line(line_cells(line, source.name(), source.number()))) return puzzle;
  }
  if (rows != 0 && !source.interrupted()) interrupt(source.number(), "the end of the file");
  return std::nullopt;
}

Reader::Reader(LineSource source) : state_(new State{.source = std::move(source)}) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

std::optional<Puzzle> Reader::next() {
  auto puzzle = state_->table ? state_->next_of_table() : state_->next_of_lines();
  if (puzzle) {
    state_->given += 1;
  } else if (state_->given == 0 && !interrupted()) {
    throw input_error(state_->source.name(), "", "holds no puzzle",
                      "give one a line, 81 characters, . or 0 for a blank");
  }
  return puzzle;
}

bool Reader::ready() const {
  return state_->source.ready();
}

bool Reader::interrupted() const {
  return state_->source.interrupted();
}

std::vector<Puzzle> parse(std::string_view text, const std::string& name) {
  Reader reader(LineSource::text(text, name));
  std::vector<Puzzle> puzzles;
  while (auto puzzle = reader.next()) puzzles.push_back(std::move(*puzzle));
  return puzzles;
}

}  // namespace trm::sudoku
