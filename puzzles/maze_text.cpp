// Reading mazes from text: the layouts that maze::Reader knows.

#include <algorithm>
#include <cctype>
#include <deque>
#include <utility>

#include "base/error.hpp"
#include "io/csv.hpp"
#include "io/text.hpp"
#include "puzzles/maze.hpp"
#include "puzzles/maze_rows.hpp"
#include "puzzles/nested_lists.hpp"
#include "puzzles/question_table.hpp"

namespace trm::maze {
namespace {

constexpr std::string_view cell_symbols = "# SGo.01";

// "Maze 3": words that no maze is made of.
bool is_heading(std::string_view line) {
  const std::string_view text = trimmed(line);
  return text.size() > 1 && text.find('#') == std::string_view::npos &&
         std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
         text.find_first_not_of(std::string(cell_symbols) + "0123456789:,;\t") != std::string_view::npos &&
         std::isalpha(static_cast<unsigned char>(text[1])) != 0 && text[0] != text[1];
}

}  // namespace

struct Reader::State {
  LineSource source;
  std::size_t side;
  NestedLists lists;
  std::string line{};
  std::size_t given = 0;
  std::optional<QuestionColumns> table{};
  std::deque<ListedPuzzle> listed{};
  RawMaze maze{};  // the one that comes row by row

  State(LineSource lines, std::size_t maze_side)
      : source(std::move(lines)),
        side(maze_side),
        lists(
            source.name(), [maze_side](const TextRow& texts) { return is_whole(texts, maze_side); },
            maze_side * maze_side) {}

  // Is a list of texts a whole maze? One text of all its cells or of several lines, a text each row, or each cell.
  static bool is_whole(const TextRow& texts, std::size_t side) {
    if (texts.size() == 1 && (texts[0].size() == side * side || texts[0].find('\n') != std::string::npos)) return true;
    const bool cells = texts.size() == side * side && side > 1;
    const auto fits = [&](const std::string& text) {
      return text.size() <= (cells ? 1 : side) && (cells || text.size() > 1);
    };
    return (cells || texts.size() == side) && std::all_of(texts.begin(), texts.end(), fits);
  }

  [[nodiscard]] std::size_t rows() const { return maze.cells.size() / side; }
  [[nodiscard]] std::string whole_remedy() const {
    return "this model reads mazes of " + std::to_string(side) + " rows of " + plural(side, "cell");
  }
  [[nodiscard]] std::optional<Puzzle> next();
  [[nodiscard]] std::optional<Puzzle> next_of_table();
  [[nodiscard]] std::optional<Puzzle> next_of_list();
  [[nodiscard]] std::optional<Puzzle> take_line();
  [[nodiscard]] std::optional<Puzzle> take_row(std::string_view row, std::size_t number);
  [[nodiscard]] std::optional<Puzzle> take_record();
  void end(std::size_t number, const std::string& by) const;
  [[nodiscard]] Grid field_grid(const std::string& field, bool is_answer, const std::string& where) const;
  [[nodiscard]] Grid listed_grid(const TextRows& texts, bool is_answer, const std::string& where) const;
  [[noreturn]] void refuse() const;
};

// A text that holds one maze: all its cells in one line, or a line a row.
Grid Reader::State::field_grid(const std::string& field, bool is_answer, const std::string& where) const {
  RawMaze raw;
  if (field.find('\n') == std::string::npos) {
    raw.cells = field;
    if (field.size() != side * side) {
      throw input_error(source.name(), where, "has " + plural(field.size(), "character"),
                        "this model reads mazes of " + std::to_string(side * side));
    }
  } else {
    for (const std::string_view row : split_lines(field)) {
      const auto cells = row_of(row, side);
      if (!cells) throw input_error(source.name(), where, "holds a line that is no row", whole_remedy());
      add_row(raw, *cells, side);
    }
    if (raw.cells.size() != side * side) {
      throw input_error(source.name(), where, "has " + plural(raw.cells.size() / side, "row"), whole_remedy());
    }
  }
  const std::size_t bad = raw.short_rows ? std::string::npos : raw.cells.find_first_not_of(cell_symbols);
  if (bad != std::string::npos) {
    throw input_error(source.name(), where + ", character " + std::to_string(bad + 1),
                      quoted(raw.cells[bad]) + " is not a cell of a maze",
                      "use # for a wall, a space or . for a free cell, S and G");
  }
  return grid_of(std::move(raw), side, is_answer, source.name(), where);
}

std::optional<Puzzle> Reader::State::next_of_table() {
  const auto row = next_question(*table, source);
  if (!row) return std::nullopt;
  const std::string here = "line " + std::to_string(row->line) + ", column ";
  Puzzle puzzle{field_grid(row->question, false, here + "question"), std::nullopt, row->line};
  if (!row->answer.empty()) puzzle.answer = field_grid(row->answer, true, here + "answer");
  return puzzle;
}

Grid Reader::State::listed_grid(const TextRows& texts, bool is_answer, const std::string& where) const {
  if (texts.size() == 1 && texts[0].size() == 1) return field_grid(texts[0][0], is_answer, where);
  std::string text;  // a line a row
  for (const TextRow& row : texts) {
    for (const std::string& cell : row) {
      text += cell.empty() ? " " : cell;
      if (texts.size() == 1 && row.size() == side) text += '\n';
    }
    if (texts.size() > 1) text += '\n';
  }
  return field_grid(text, is_answer, where);
}

// The next maze of those that lists held; a single list of `side` cells is a row.
std::optional<Puzzle> Reader::State::next_of_list() {
  while (!listed.empty()) {
    const ListedPuzzle one = std::move(listed.front());
    listed.pop_front();
    const std::string where = "line " + std::to_string(one.line);
    if (one.question.size() == 1 && one.question[0].size() == side && !is_whole(one.question[0], side)) {
      std::string row;
      for (const std::string& cell : one.question[0]) row += cell.empty() ? " " : cell;
      if (row_of(row, side) != row) throw input_error(source.name(), where, "a list is no row", whole_remedy());
      if (auto puzzle = take_row(row, one.line)) return puzzle;
      continue;
    }
    end(one.line, "a list");
    Puzzle puzzle{listed_grid(one.question, false, where), std::nullopt, one.line};
    if (!one.answer.empty()) puzzle.answer = listed_grid(one.answer, true, where);
    return puzzle;
  }
  return std::nullopt;
}

// Something comes that is no row.
void Reader::State::end(std::size_t number, const std::string& by) const {
  if (rows() == 0) return;
  throw input_error(source.name(), "line " + std::to_string(number), "the maze ends after " + plural(rows(), "row"),
                    "this model reads " + std::to_string(side) + "; " + by + " stands here");
}

std::optional<Puzzle> Reader::State::take_row(std::string_view row, std::size_t number) {
  if (rows() == 0) maze = {.cells = {}, .line = number};
  add_row(maze, row, side);
  if (rows() < side) return std::nullopt;
  const std::size_t start = maze.line;
  return Puzzle{grid_of(std::exchange(maze, {}), side, false, source.name(), "line " + std::to_string(start)),
                std::nullopt, start};
}

// A record without a header: a field of all cells, perhaps another one with the path.
std::optional<Puzzle> Reader::State::take_record() {
  const std::size_t whole = side * side;
  if (line.size() <= whole) return std::nullopt;
  const std::size_t at = line.find_first_of("\t,;");
  if (at == std::string::npos) return std::nullopt;
  std::vector<std::string> fields;
  split_record(line, line[at], source, fields);
  std::erase_if(fields, [&](const std::string& field) {
    return field.size() != whole || field.find_first_not_of(cell_symbols) != std::string::npos;
  });
  if (fields.empty()) return std::nullopt;
  const std::string where = "line " + std::to_string(source.number());
  if (fields.size() > 2)
    throw input_error(source.name(), where, "holds several mazes", "name the columns in a first line");
  const auto has_path = [](const std::string& field) { return field.find('o') != std::string::npos; };
  if (fields.size() == 2 && has_path(fields[0])) std::swap(fields[0], fields[1]);
  Puzzle puzzle{field_grid(fields[0], false, where), std::nullopt, source.number()};
  if (fields.size() == 1) return puzzle;
  if (!has_path(fields[1])) {
    throw input_error(source.name(), where, "holds two mazes without a path", "name the columns in a first line");
  }
  puzzle.answer = field_grid(fields[1], true, where);
  return puzzle;
}

// Says what keeps a line from being a row.
void Reader::State::refuse() const {
  const std::size_t bad = line.find_first_not_of(std::string(cell_symbols) + "\t,;");
  if (bad != std::string::npos) {
    throw input_error(source.name(), place(source.number(), bad + 1),
                      quoted(line[bad]) + " is not a cell of a maze to solve",
                      "use # for a wall, a space or . for a free cell, S and G");
  }
  throw input_error(source.name(), place(source.number(), line.size()), "the row has " + plural(line.size(), "cell"),
                    whole_remedy());
}

// The maze that is complete with this line.
std::optional<Puzzle> Reader::State::take_line() {
  const std::size_t number = source.number();
  if (line.empty()) {
    end(number, "an empty line");
    return std::nullopt;
  }
  if (line.starts_with("//")) return std::nullopt;
  if (rows() == 0) {
    if (line.size() == side * side && line.find_first_not_of(cell_symbols) == std::string::npos) {
      return Puzzle{field_grid(line, false, "line " + std::to_string(number)), std::nullopt, number};
    }
    if (auto puzzle = take_record()) return puzzle;
  }
  const auto row = row_of(line, side);
  if (row) return take_row(*row, number);
  if (rows() > 0 || !is_heading(line)) refuse();
  return std::nullopt;
}

std::optional<Puzzle> Reader::State::next() {
  if (table) return next_of_table();
  for (;;) {
    if (auto puzzle = next_of_list()) return puzzle;
    if (!source.next(line)) break;
    if (given == 0 && rows() == 0 && !lists.open()) {
      table = question_columns(line);
      if (table) return next_of_table();
    }
    if (lists.open() || NestedLists::begin(line)) {
      lists.feed(line, source.number(), listed);
    } else if (auto puzzle = take_line()) {
      return puzzle;
    }
  }
  if (source.interrupted()) return std::nullopt;
  end(source.number() + 1, "the end of the file");
  if (lists.open()) {
    throw input_error(source.name(), "line " + std::to_string(source.number()),
                      "the end of the file comes before the last closing bracket", "the text is cut: copy it again");
  }
  return std::nullopt;
}

Reader::Reader(LineSource source, std::size_t side) : state_(new State(std::move(source), side)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

std::optional<Puzzle> Reader::next() {
  auto puzzle = state_->next();
  if (puzzle) {
    state_->given += 1;
  } else if (state_->given == 0 && !interrupted()) {
    throw input_error(state_->source.name(), "", "holds no maze",
                      "draw it with # for a wall, a space for a free cell, S and G");
  }
  return puzzle;
}

bool Reader::ready() const {
  return !state_->listed.empty() || state_->source.ready();
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
