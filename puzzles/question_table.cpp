#include "puzzles/question_table.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "io/csv.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::optional<std::size_t> column_named(const std::vector<std::string>& header,
                                        std::initializer_list<std::string_view> names) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (std::find(names.begin(), names.end(), lower(header[i])) != names.end()) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> question_column(const std::vector<std::string>& header) {
  return column_named(header, {"question", "puzzle"});
}

}  // namespace

bool has_question_column(std::string_view text) {
  constexpr std::size_t longest_header = 4096;  // bytes; no puzzle's header is longer
  std::string line(text.substr(0, std::min(text.find('\n'), longest_header)));
  std::erase(line, '"');
  std::erase(line, '\r');
  std::vector<std::string> header;
  CsvReader reader(line, "");
  if (!reader.next(header)) return false;
  return question_column(header).has_value();
}

std::vector<QuestionRow> read_questions(std::string_view text, const std::string& name) {
  CsvReader reader(text, name);
  std::vector<std::string> fields;
  reader.next(fields);
  const std::size_t width = fields.size();
  const auto question = question_column(fields);
  const auto answer = column_named(fields, {"answer", "solution"});
  if (!question) {
    throw input_error(name, "line 1", "no column is called question", "begin the file with the line question,answer");
  }
  std::vector<QuestionRow> rows;
  while (reader.next(fields)) {
    if (fields.size() != width) {
      throw input_error(name, "line " + std::to_string(reader.line()), "has " + plural(fields.size(), "field"),
                        "the header names " + std::to_string(width));
    }
    rows.push_back({reader.line(), std::move(fields[*question]), answer ? std::move(fields[*answer]) : std::string()});
  }
  return rows;
}

}  // namespace trm
