// Reading mazes from text: the layouts that maze::Reader knows.

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "io/text.hpp"
#include "puzzles/maze.hpp"
#include "puzzles/question_table.hpp"

namespace trm::maze {
namespace {

// Every character must be one of `allowed`; `where` names its place from its index.
template <class Where>
void require_symbols(std::string_view cells, std::string_view allowed, const std::string& name, const Where& where) {
  const std::size_t bad = cells.find_first_not_of(allowed);
  if (bad == std::string_view::npos) return;
  const char c = cells[bad];
  throw input_error(name, where(bad), quoted(c) + " is not a cell of a maze to solve",
                    c == 'o' ? "take the path out, it is what the model answers"
                             : "use # for a wall, a space for a free cell, S and G");
}

// One S and one G.
void require_ends(const Grid& grid, const std::string& name, const std::string& where) {
  for (const char end : {'S', 'G'}) {
    const auto count = static_cast<std::size_t>(std::count(grid.begin(), grid.end(), end));
    if (count == 1) continue;
    throw input_error(name, where, "the maze has " + std::to_string(count) + " cells " + quoted(end), "one is needed");
  }
}

Grid field_grid(const std::string& field, std::string_view allowed, std::size_t side, const std::string& name,
                const std::string& where) {
  if (field.size() != side * side) {
    throw input_error(name, where, "has " + plural(field.size(), "character"),
                      "this model reads mazes of " + std::to_string(side * side));
  }
  require_symbols(field, allowed, name, [&](std::size_t i) { return where + ", character " + std::to_string(i + 1); });
  require_ends(field, name, where);
  return field;
}

}  // namespace

struct Reader::State {
  LineSource source;
  std::size_t side;
  std::string line{};
  std::size_t given = 0;
  std::optional<QuestionColumns> table{};
  Grid grid{};            // the maze that comes row by row
  std::size_t start = 0;  // its first line

  [[nodiscard]] std::optional<Puzzle> next_of_table();
  [[nodiscard]] std::optional<Puzzle> next_of_lines();
  [[nodiscard]] std::optional<Puzzle> take_line(std::size_t number);
};

std::optional<Puzzle> Reader::State::next_of_table() {
  const auto row = next_question(*table, source);
  if (!row) return std::nullopt;
  const std::string here = "line " + std::to_string(row->line) + ", column ";
  Puzzle puzzle{field_grid(row->question, symbols.substr(0, 4), side, source.name(), here + "question"), std::nullopt,
                row->line};
  if (!row->answer.empty()) puzzle.answer = field_grid(row->answer, symbols, side, source.name(), here + "answer");
  return puzzle;
}

// The maze that is complete with this line.
std::optional<Puzzle> Reader::State::take_line(std::size_t number) {
  const std::size_t whole = side * side;
  const std::size_t rows = grid.size() / side;
  if (line.empty()) {
    if (rows == 0) return std::nullopt;
    throw input_error(source.name(), "line " + std::to_string(number), "the maze ends after " + plural(rows, "row"),
                      "this model reads " + std::to_string(side));
  }
  require_symbols(line, symbols.substr(0, 4), source.name(), [&](std::size_t i) { return place(number, i + 1); });
  if (rows == 0) start = number;
  if (line.size() != side && (rows != 0 || line.size() != whole)) {
    const std::string width = std::to_string(side);
    throw input_error(source.name(), place(number, line.size()), "the row has " + plural(line.size(), "cell"),
                      "this model reads mazes of " + width + " rows of " + width +
                          " cells (spaces at the end of a row are cells too)");
  }
  grid += line;
  if (grid.size() < whole) return std::nullopt;
  require_ends(grid, source.name(), "line " + std::to_string(start));
  return Puzzle{std::exchange(grid, {}), std::nullopt, start};
}

std::optional<Puzzle> Reader::State::next_of_lines() {
  while (source.next(line)) {
    if (source.number() == 1) table = question_columns(line);
    if (table) return next_of_table();
    if (auto puzzle = take_line(source.number())) return puzzle;
  }
  line.clear();
  return source.interrupted() ? std::nullopt : take_line(source.number() + 1);
}

Reader::Reader(LineSource source, std::size_t side) : state_(new State{.source = std::move(source), .side = side}) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

std::optional<Puzzle> Reader::next() {
  auto puzzle = state_->table ? state_->next_of_table() : state_->next_of_lines();
  if (puzzle) {
    state_->given += 1;
  } else if (state_->given == 0 && !interrupted()) {
    throw input_error(state_->source.name(), "", "holds no maze",
                      "draw it with # for a wall, a space for a free cell, S and G");
  }
  return puzzle;
}

bool Reader::ready() const {
  return state_->source.ready();
}

bool Reader::interrupted() const {
  return state_->source.interrupted();
}

std::vector<Puzzle> parse(std::string_view text, const std::string& name, std::size_t side) {
  Reader reader(LineSource::text(text, name), side);
  std::vector<Puzzle> puzzles;
  while (auto puzzle = reader.next()) puzzles.push_back(std::move(*puzzle));
  return puzzles;
}

}  // namespace trm::maze
