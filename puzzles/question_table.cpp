#include "puzzles/question_table.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "io/csv.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

// The surest first: where several columns have such a name, the first name of this list decides.
constexpr std::array<std::string_view, 18> question_names = {
    "question", "questions", "quiz",  "quizzes", "puzzle", "puzzles", "problem", "problems", "sudoku",
    "sudokus",  "maze",      "mazes", "board",   "boards", "grid",    "grids",   "unsolved", "value"};
constexpr std::array<std::string_view, 10> answer_names = {"answer", "answers",       "solution",     "solutions",
                                                           "solved", "solved_puzzle", "solved_board", "label",
                                                           "labels", "target"};

std::string lower(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return std::tolower(c); });
  return low;
}

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), lower(name)) != names.end();
}

// The column that the first of `names` to be found names.
template <class Names>
std::optional<std::size_t> column_named(const std::vector<std::string>& header, const Names& names) {
  for (const std::string_view name : names) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (lower(trimmed(header[i])) == name) return i;
    }
  }
  return std::nullopt;
}

// The delimiter of a header: the one that it has most often.
char delimiter_of(std::string_view header) {
  const auto count = [&](char c) { return std::count(header.begin(), header.end(), c); };
  return std::max({',', ';', '\t'}, [&](char a, char b) { return count(a) < count(b); });
}

}  // namespace

bool names_question(std::string_view name) {
  return contains(question_names, name);
}

bool names_answer(std::string_view name) {
  return contains(answer_names, name);
}

std::optional<QuestionColumns> question_columns(std::string_view header) {
  constexpr std::size_t longest_header = 4096;  // bytes; no table of puzzles needs more
  if (header.size() > longest_header) return std::nullopt;
  const char delimiter = delimiter_of(header);
  std::string line(header);
  std::erase(line, '"');
  LineSource none = LineSource::text({}, "");
  std::vector<std::string> names;
  split_record(line, delimiter, none, names);
  const auto question = column_named(names, question_names);
  if (names.size() < 2 || !question) return std::nullopt;
  return QuestionColumns{delimiter, names.size(), *question, column_named(names, answer_names)};
}

std::optional<QuestionRow> next_question(const QuestionColumns& columns, LineSource& source) {
  std::string line;
  do {
    if (!source.next(line)) return std::nullopt;
  } while (trimmed(line).empty());
  QuestionRow row;
  row.line = source.number();
  std::vector<std::string> fields;
  split_record(std::move(line), columns.delimiter, source, fields);
  if (fields.size() != columns.width) {
    throw input_error(source.name(), "line " + std::to_string(row.line), "has " + plural(fields.size(), "field"),
                      "the header names " + std::to_string(columns.width));
  }
  row.question = std::move(fields[columns.question]);
  if (columns.answer) row.answer = std::move(fields[*columns.answer]);
  return row;
}

}  // namespace trm
