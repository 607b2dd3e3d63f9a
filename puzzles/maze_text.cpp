// Reading mazes from text: the layouts that maze::parse accepts.

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "io/text.hpp"
#include "puzzles/maze.hpp"
#include "puzzles/question_table.hpp"

namespace trm::maze {
namespace {

struct Reader {
  const std::string& name;
  std::size_t side;
  std::vector<Puzzle> puzzles{};
  Grid grid{};            // the maze that is coming row by row
  std::size_t start = 0;  // its first line
};

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

void finish(Reader& reader) {
  require_ends(reader.grid, reader.name, "line " + std::to_string(reader.start));
  reader.puzzles.push_back({std::exchange(reader.grid, {}), std::nullopt, reader.start});
}

void take_line(Reader& reader, std::string_view line, std::size_t number) {
  const std::size_t whole = reader.side * reader.side;
  const std::size_t rows = reader.grid.size() / reader.side;
  const std::string here = "line " + std::to_string(number);
  if (line.empty()) {
    if (rows == 0) return;
    throw input_error(reader.name, here, "the maze ends after " + plural(rows, "row"),
                      "this model reads " + std::to_string(reader.side));
  }
  require_symbols(line, symbols.substr(0, 4), reader.name, [&](std::size_t i) { return place(number, i + 1); });
  if (rows == 0) reader.start = number;
  if (line.size() != reader.side && (rows != 0 || line.size() != whole)) {
    const std::string side = std::to_string(reader.side);
    throw input_error(
        reader.name, place(number, line.size()), "the row has " + plural(line.size(), "cell"),
        "this model reads mazes of " + side + " rows of " + side + " cells (spaces at the end of a row are cells too)");
  }
  reader.grid += line;
  if (reader.grid.size() == whole) finish(reader);
}

Grid field_grid(const std::string& field, std::string_view allowed, const Reader& reader, const std::string& where) {
  const std::size_t whole = reader.side * reader.side;
  if (field.size() != whole) {
    throw input_error(reader.name, where, "has " + plural(field.size(), "character"),
                      "this model reads mazes of " + std::to_string(whole));
  }
  require_symbols(field, allowed, reader.name,
                  [&](std::size_t i) { return where + ", character " + std::to_string(i + 1); });
  require_ends(field, reader.name, where);
  return field;
}

void take_table(Reader& reader, std::string_view text) {
  for (const auto& [line, question, answer] : read_questions(text, reader.name)) {
    const std::string here = "line " + std::to_string(line) + ", column ";
    Puzzle puzzle{field_grid(question, symbols.substr(0, 4), reader, here + "question"), std::nullopt, line};
    if (!answer.empty()) puzzle.answer = field_grid(answer, symbols, reader, here + "answer");
    reader.puzzles.push_back(std::move(puzzle));
  }
}

}  // namespace

std::vector<Puzzle> parse(std::string_view text, const std::string& name, std::size_t side) {
  Reader reader{.name = name, .side = side};
  if (has_question_column(text)) {
    take_table(reader, text);
  } else {
    std::size_t number = 0;
    for (const std::string_view line : split_lines(text)) take_line(reader, line, ++number);
    if (!reader.grid.empty()) take_line(reader, {}, number + 1);
  }
  if (reader.puzzles.empty()) {
    throw input_error(name, "", "holds no maze", "draw it with # for a wall, a space for a free cell, S and G");
  }
  return std::move(reader.puzzles);
}

}  // namespace trm::maze
