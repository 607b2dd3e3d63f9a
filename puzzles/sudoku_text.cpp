// Reading sudokus from text: the layouts that sudoku::Reader knows.

#include <algorithm>
#include <cctype>
#include <deque>
#include <utility>

#include "base/error.hpp"
#include "io/text.hpp"
#include "puzzles/nested_lists.hpp"
#include "puzzles/question_table.hpp"
#include "puzzles/sudoku.hpp"
#include "puzzles/sudoku_cells.hpp"
#include "puzzles/sudoku_rows.hpp"
#include "puzzles/sudoku_sizes.hpp"

namespace trm::sudoku {
namespace {

constexpr const char* cell_remedy = "use 1 to 9, and . or 0 for a blank";

// A line without its comment, which begins with # or // at the line's start or behind a space.
Line without_comment(Line line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool free = i == 0 || line[i - 1] == U' ' || line[i - 1] == U'\t';
    if (free && (line[i] == U'#' || line.substr(i, 2) == U"//")) return line.substr(0, i);
  }
  return line;
}

// A word of a line that is a whole puzzle.
struct WholeWord {
  Grid grid;
  std::size_t start;
};

// Every word of 81 characters that is a puzzle; names and ratings may stand beside it.
std::vector<WholeWord> whole_words(Line line) {
  constexpr Line separators = U" \t,;|:=/\"'`()";
  std::vector<WholeWord> found;
  for (std::size_t start = 0; start < line.size();) {
    const std::size_t end = std::min(line.find_first_of(separators, start), line.size());
    if (const auto grid = whole_puzzle(line.substr(start, end - start))) found.push_back({*grid, start});
    start = end + 1;
  }
  return found;
}

// The rest of a line that holds such words: what it says of the puzzle.
std::string name_of(std::string_view line) {
  constexpr std::string_view separators = " \t,;|:=/\"'`()";
  std::string name;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find_first_of(separators), line.size());
    const std::string_view word = line.substr(0, end);
    if (!word.empty() && characters(word).size() != cells) name += (name.empty() ? "" : " ") + std::string(word);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return name;
}

// Is the line a heading: "Grid 01", "[Puzzle]", the header of a table? It begins with a word and has too few digits,
// dots and the like to be a puzzle or a row that is mistyped.
bool is_heading(Line line) {
  constexpr std::size_t fewest_cells = 9;
  const auto letter = [](char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= 0xC0 && c < 0x2000) ||
           (c > 0x3040 && c < 0xD800);
  };
  const Line text = trimmed(line);
  const std::size_t first = text.find_first_not_of(U"[(<\"'");
  if (first == Line::npos || !letter(text[first]) || first + 1 == text.size() || !letter(text[first + 1])) return false;
  if (text[first] == text[first + 1]) return false;
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char32_t c) {
           return (c >= U'0' && c <= U'9') || Line(U"._*?-").find(c) != Line::npos;
         })) < fewest_cells;
}

std::vector<Line> fields_of(Line line) {
  std::vector<Line> fields;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find_first_of(U",;\t", start), line.size());
    fields.push_back(trimmed(line.substr(start, end - start)));
    start = end + 1;
  }
  return fields;
}

// The header of a table with a cell a field: nine names or 81 different fields, which cells of a puzzle never are.
bool is_cell_header(Line line) {
  auto fields = fields_of(line);
  const auto named = [](Line field) { return is_heading(field) || (field.size() > 1 && field[0] > U'9'); };
  if (fields.size() < cells) return fields.size() == side && std::all_of(fields.begin(), fields.end(), named);
  std::sort(fields.begin(), fields.end());
  return std::adjacent_find(fields.begin(), fields.end()) == fields.end();
}

// The numbers 0 to 8 or 1 to 9, as programs number the columns of a table.
bool numbers_columns(Line line) {
  const auto fields = fields_of(line);
  if (fields.size() != side || (fields[0] != U"0" && fields[0] != U"1")) return false;
  for (std::size_t i = 0; i < side; ++i) {
    if (fields[i] != std::u32string(1, static_cast<char32_t>(fields[0][0] + i))) return false;
  }
  return true;
}

// Is one list a whole puzzle? 81 characters, 81 cells, nine texts of nine, or a text of several lines.
bool is_whole(const TextRow& texts) {
  if (texts.size() == 1) {
    return texts[0].find('\n') != std::string::npos || whole_puzzle(characters(texts[0])).has_value();
  }
  const std::size_t size = texts.size() == cells ? 1 : side;
  return (texts.size() == cells || texts.size() == side) &&
         std::all_of(texts.begin(), texts.end(), [&](const std::string& text) {
           return size == 1 ? cell_of(characters(text)).has_value() : characters(text).size() == side;
         });
}

// The cells of a list's texts, a cell each or a row each.
std::optional<Cells> cells_of_texts(const TextRow& texts) {
  Cells found;
  for (const std::string& text : texts) {
    const std::u32string decoded = characters(text);
    if (const auto cell = cell_of(decoded == U" " ? Line() : Line(decoded))) {
      found.push_back(*cell);
    } else if (const auto more = cells_of(decoded)) {
      found.insert(found.end(), more->begin(), more->end());
    } else {
      return std::nullopt;
    }
  }
  if (!blank_of(found)) return std::nullopt;
  return found;
}

}  // namespace

struct Reader::State {
  LineSource source;
  GridRows rows;
  NestedLists lists;
  std::string line{};
  std::string heading{};  // above the grid that comes
  std::size_t given = 0;
  std::optional<QuestionColumns> table{};
  bool skips_section = false;  // [State]: what somebody has filled in, no puzzle
  std::deque<ListedPuzzle> listed{};
  std::optional<Grid> last_listed{};
  std::optional<SizedReader> sized{};  // of boards of another size than 9x9

  State(LineSource lines, const Shape& shape)
      : source(std::move(lines)), rows(source.name()), lists(source.name(), is_whole, cells * cells) {
    if (shape != Shape{}) sized.emplace(shape);
  }

  [[nodiscard]] std::optional<Puzzle> next();
  [[nodiscard]] std::optional<Puzzle> next_of_table();
  [[nodiscard]] std::optional<Puzzle> next_of_list();
  [[nodiscard]] std::optional<Puzzle> take_line();
  [[nodiscard]] std::optional<Puzzle> take_whole(Line text);
  [[nodiscard]] std::optional<Puzzle> take_row(Line text);
  void take_heading(Line text);
  [[nodiscard]] Grid field_grid(const std::string& field, std::size_t at, const std::string& column) const;
  [[nodiscard]] Grid listed_grid(const TextRows& texts, std::size_t at) const;
  [[noreturn]] void refuse(Line text) const;
  [[nodiscard]] std::string here() const { return "line " + std::to_string(source.number()); }
};

// The one puzzle of a text within a text: of a quoted field of several lines.
static Grid single_puzzle(const std::string& text, const std::string& name) {
  const auto puzzles = parse(text, name);
  if (puzzles.size() == 1) return puzzles.front().question;
  throw input_error(name, "", "holds " + plural(puzzles.size(), "puzzle"), "one is needed");
}

Grid Reader::State::field_grid(const std::string& field, std::size_t at, const std::string& column) const {
  const std::string where = "line " + std::to_string(at) + ", column " + column;
  const std::u32string all = characters(field);
  if (const auto grid = whole_puzzle(all)) return *grid;
  const Line text = trimmed(all);
  if (const auto grid = whole_puzzle(text)) return *grid;
  if (field.find('\n') != std::string::npos || NestedLists::begin(field)) {
    return single_puzzle(field, source.name() + ": " + where);
  }
  if (text.size() != cells) {
    throw input_error(source.name(), where, "has " + plural(text.size(), "character"), "a sudoku has 81");
  }
  char32_t blank = 0;
  for (std::size_t i = 0; i < cells; ++i) {
    const auto cell = cell_of(text.substr(i, 1));
    if (cell && (cell->digit != 0 || blank == 0 || blank == cell->blank)) {
      blank = cell->digit == 0 ? cell->blank : blank;
      continue;
    }
    throw input_error(source.name(), where + ", character " + std::to_string(i + 1),
                      quoted_character(text[i]) + " is not a sudoku cell", cell_remedy);
  }
  throw input_error(source.name(), where, "its blanks may be what separates its digits", cell_remedy);
}

static void require_complete(const Grid& answer, const std::string& name, std::size_t line) {
  if (std::find(answer.begin(), answer.end(), 0) == answer.end()) return;
  throw input_error(name, "line " + std::to_string(line), "the answer has a blank", "81 digits are needed");
}

std::optional<Puzzle> Reader::State::next_of_table() {
  const auto row = next_question(*table, source);
  if (!row) return std::nullopt;
  Puzzle read{
      .question = field_grid(row->question, row->line, "question"), .answer = {}, .line = row->line, .name = {}};
  if (!row->answer.empty()) {
    read.answer = field_grid(row->answer, row->line, "answer");
    require_complete(*read.answer, source.name(), row->line);
  }
  return read;
}

Grid Reader::State::listed_grid(const TextRows& texts, std::size_t at) const {
  const std::string where = "line " + std::to_string(at);
  if (texts.size() == 1 && texts[0].size() == 1) {
    if (texts[0][0].find('\n') != std::string::npos) return single_puzzle(texts[0][0], source.name() + ": " + where);
    const std::u32string text = characters(texts[0][0]);
    if (const auto grid = whole_puzzle(text)) return *grid;
    throw input_error(source.name(), where, "a text of " + plural(text.size(), "character") + " is no sudoku",
                      "81 cells are needed: 1 to 9, and . or 0 for a blank");
  }
  Cells all;
  for (const TextRow& row : texts) {
    const auto more = cells_of_texts(row);
    if (!more || (texts.size() != 1 && more->size() != side)) {
      throw input_error(source.name(), where, "a list holds something else than nine cells",
                        "a row has nine cells: 1 to 9, and . or 0 for a blank");
    }
    all.insert(all.end(), more->begin(), more->end());
  }
  if (all.size() != cells) {
    throw input_error(source.name(), where, "a list of " + plural(all.size(), "cell") + " is no sudoku",
                      "nine lists of nine cells are needed");
  }
  if (!blank_of(all)) {
    throw input_error(source.name(), where, "the lists write blanks in several ways", "write every blank as 0");
  }
  return grid_of(all);
}

// The next puzzle of those that lists held; a single row of nine cells goes to the rows.
std::optional<Puzzle> Reader::State::next_of_list() {
  while (!listed.empty()) {
    const ListedPuzzle one = std::move(listed.front());
    listed.pop_front();
    const auto row = one.question.size() == 1 && one.answer.empty() ? cells_of_texts(one.question[0]) : std::nullopt;
    if (row && row->size() == side) {
      if (auto grid = rows.add(*row, true, one.line)) return grid;
      continue;
    }
    rows.end(one.line, "a list");
    Puzzle puzzle{.question = listed_grid(one.question, one.line), .answer = {}, .line = one.line, .name = {}};
    if (!one.answer.empty()) {
      puzzle.answer = listed_grid(one.answer, one.line);
      require_complete(*puzzle.answer, source.name(), one.line);
    } else if (last_listed && *last_listed != puzzle.question && completes(puzzle.question, *last_listed)) {
      throw input_error(source.name(), "line " + std::to_string(one.line),
                        "is this a puzzle or the answer to the one before?",
                        "give an object a puzzle, with question and answer");
    }
    last_listed = puzzle.question;
    return puzzle;
  }
  return std::nullopt;
}

// A line that holds a whole puzzle, and perhaps its answer.
std::optional<Puzzle> Reader::State::take_whole(Line text) {
  std::vector<WholeWord> words;
  std::string name;
  if (const auto grid = whole_puzzle(trimmed(text)); grid) {
    words.push_back({*grid, 0});
  } else if (const auto spaced = whole_puzzle(text)) {
    words.push_back({*spaced, 0});
  } else {
    words = whole_words(text);
    if (!words.empty()) name = name_of(line);
  }
  if (words.empty()) {
    std::u32string spaced(text);  // rows between slashes
    if (std::count(spaced.begin(), spaced.end(), U'/') == side - 1)
      std::replace(spaced.begin(), spaced.end(), U'/', U' ');
    const auto grouped = grouped_cells(spaced);
    if (!grouped || grouped->size() < cells) return std::nullopt;
    for (std::size_t i = 0; i + cells <= grouped->size(); i += cells) {
      words.push_back({grid_of({grouped->begin() + static_cast<std::ptrdiff_t>(i),
                                grouped->begin() + static_cast<std::ptrdiff_t>(i + cells)}),
                       i});
    }
    if (grouped->size() % cells != 0) return std::nullopt;
  }
  rows.end(source.number(), "a whole puzzle");
  Puzzle puzzle{.question = words[0].grid, .answer = {}, .line = source.number(), .name = std::move(name)};
  if (words.size() == 1) return puzzle;
  const bool first_is_answer = words.size() == 2 && completes(words[0].grid, words[1].grid);
  if (words.size() == 2 && (completes(words[1].grid, words[0].grid) || first_is_answer)) {
    const bool swapped = first_is_answer && words[0].grid != words[1].grid;
    puzzle.question = words[swapped ? 1 : 0].grid;
    puzzle.answer = words[swapped ? 0 : 1].grid;
    return puzzle;
  }
  throw input_error(source.name(), place(source.number(), words[1].start + 1),
                    "the line has " + plural(words.size(), "puzzle") + ", and none is the answer to the other",
                    "name the columns in a first line, such as question,answer");
}

std::optional<Puzzle> Reader::State::take_row(Line text) {
  auto row = grouped_cells(text);
  if (row && row->size() == side) {
    if (!rows.open() && numbers_columns(text)) {
      throw input_error(source.name(), here(), "is this a row or does it number the columns of a table?",
                        "take the header out, or write the row without delimiters");
    }
    const bool groups = trimmed(text).size() > side;
    return rows.add(*row, groups, source.number());
  }
  const auto spaced = spaced_row(text);
  if (!spaced) refuse(text);
  return rows.add(spaced->cells, spaced->columns_tell, source.number());
}

void Reader::State::take_heading(Line text) {
  rows.end(source.number(), "a heading");
  skips_section = trimmed(text) == U"[State]";
  heading = std::string(trm::trimmed(line));
}

// Says what keeps a line from being a puzzle or a row.
void Reader::State::refuse(Line text) const {
  std::size_t count = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if ((c >= U'0' && c <= U'9') || Line(U"._*?").find(c) != Line::npos) {
      count += 1;
      last = i + 1;
    } else if (!is_bar(c) && Line(U" \t-+=,;").find(c) == Line::npos) {
      throw input_error(source.name(), place(source.number(), i + 1), quoted_character(c) + " is not a sudoku cell",
                        cell_remedy);
    }
  }
  if (count == side || count == cells) {
    throw input_error(source.name(), place(source.number(), last),
                      "the cells are grouped unevenly or blanks written in several ways",
                      "write a row as nine characters or as three groups of three, blanks as . or 0");
  }
  throw input_error(source.name(), place(source.number(), last), "the line has " + plural(count, "cell"),
                    "81 (a whole puzzle) or 9 (a row) are needed");
}

// The puzzle that is complete with this line.
std::optional<Puzzle> Reader::State::take_line() {
  const std::u32string all = characters(line);
  const Line text = without_comment(all);
  if (trimmed(text).empty()) {
    if (text.size() < all.size()) return std::nullopt;  // nothing but a comment
    const auto blank_row = rows.open() ? spaced_row(text) : std::nullopt;
    if (blank_row) return rows.add(blank_row->cells, false, source.number());
    rows.add_empty_line(source.number());
    return std::nullopt;
  }
  if (skips_section && !is_heading(text)) return std::nullopt;
  if (auto puzzle = take_whole(text)) return puzzle;
  if (text.size() < all.size() && !whole_words(all.substr(text.size())).empty()) {
    throw input_error(source.name(), place(source.number(), text.size() + 1), "a puzzle stands in a comment",
                      "take the mark that begins the comment out, or put it at the start of the line");
  }
  const auto row = grouped_cells(text);
  const bool is_row = row && row->size() == side;
  if (const auto rule = is_row ? std::nullopt : rule_of(text); rule && !spaced_row(text)) {
    rows.add_rule(*rule, source.number());
  } else if (!is_row && !rows.open() && !spaced_row(text) && (is_heading(text) || is_cell_header(text))) {
    take_heading(text);
  } else {
    return take_row(text);
  }
  return std::nullopt;
}

std::optional<Puzzle> Reader::State::next() {
  if (sized) return sized->next(source);
  if (table) return next_of_table();
  for (;;) {
    if (auto puzzle = next_of_list()) return puzzle;
    if (!source.next(line)) break;
    if (given == 0 && !rows.open() && !table && !lists.open()) {
      table = question_columns(line);
      if (table) return next_of_table();
    }
    if (lists.open() || (!skips_section && NestedLists::begin(line))) {
      lists.feed(line, source.number(), listed);
    } else if (auto puzzle = take_line()) {
      puzzle->name = puzzle->name.empty() ? std::exchange(heading, {}) : puzzle->name;
      return puzzle;
    }
  }
  if (source.interrupted()) return std::nullopt;
  rows.end(source.number(), "the end of the file");
  if (lists.open()) {
    throw input_error(source.name(), here(), "the end of the file comes before the last closing bracket",
                      "the text is cut: copy it again");
  }
  return std::nullopt;
}

Reader::Reader(LineSource source, const Shape& shape) : state_(new State(std::move(source), shape)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

std::optional<Puzzle> Reader::next() {
  auto puzzle = state_->next();
  if (puzzle) {
    state_->given += 1;
  } else if (state_->given == 0 && !interrupted()) {
    throw input_error(state_->source.name(), "", "holds no puzzle",
                      state_->sized ? "give one a line, a character a cell, . or 0 for a blank"
                                    : "give one a line, 81 characters, . or 0 for a blank");
  }
  return puzzle;
}

bool Reader::ready() const {
  return !state_->listed.empty() || state_->source.ready();
}

bool Reader::interrupted() const {
  return state_->source.interrupted();
}

std::vector<Puzzle> parse(std::string_view text, const std::string& name, const Shape& shape) {
  Reader reader(LineSource::text(text, name), shape);
  std::vector<Puzzle> puzzles;
  while (auto puzzle = reader.next()) puzzles.push_back(std::move(*puzzle));
  return puzzles;
}

}  // namespace trm::sudoku
