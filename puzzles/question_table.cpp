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

constexpr std::array<std::string_view, 11> question_names = {"question", "questions", "puzzle",  "puzzles",
                                                             "quiz",     "quizzes",   "problem", "problems",
                                                             "sudoku",   "sudokus",   "maze"};
constexpr std::array<std::string_view, 8> answer_names = {"answer", "answers", "solution", "solutions",
                                                          "solved", "label",   "labels",   "solved_puzzle"};

std::string lower(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return std::tolower(c); });
  return low;
}

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), lower(name)) != names.end();
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
  const auto column = [&](bool (*means)(std::string_view)) -> std::optional<std::size_t> {
    const auto found =
        std::find_if(names.begin(), names.end(), [&](const std::string& name) { return means(trimmed(name)); });
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
  };
  const auto question = column(names_question);
  if (!question) return std::nullopt;
  return QuestionColumns{delimiter, names.size(), *question, column(names_answer)};
}

std::optional<QuestionRow> next_question(const QuestionColumns& columns, LineSource& source) {
  std::string line;
  do {
    if (!source.next(line)) return std::nullopt;
  } while (line.empty());
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
