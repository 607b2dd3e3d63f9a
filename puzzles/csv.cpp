#include "puzzles/csv.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <optional>

#include "puzzles/text.hpp"
#include "runtime/error.hpp"

namespace trm {

bool CsvReader::take_line_end() {
  const std::string_view rest = text_.substr(position_);
  const std::size_t length = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
  if (length == 0) return false;
  position_ += length;
  line_ += 1;
  line_start_ = position_;
  return true;
}

// After the opening quote, up to and with the closing one.
std::string CsvReader::take_quoted() {
  const std::string opened = place(line_, column());
  std::string field;
  for (++position_; position_ < text_.size(); ++position_) {
    const char c = text_[position_];
    if (c == '"' && text_.substr(position_ + 1).starts_with('"')) {
      ++position_;
    } else if (c == '"') {
      ++position_;
      return field;
    } else if (c == '\n') {
      line_ += 1;
      line_start_ = position_ + 1;
    }
    field += c;
  }
  throw input_error(name_, opened, "the quote is never closed", "close it with another \"");
}

std::string CsvReader::take_field() {
  if (text_.substr(position_).starts_with('"')) {
    std::string field = take_quoted();
    const std::string_view rest = text_.substr(position_);
    if (rest.empty() || rest.starts_with(',') || rest.starts_with('\n') || rest.starts_with("\r\n")) return field;
    throw input_error(name_, place(line_, column()), quoted(rest.front()) + " follows a closing quote",
                      "a comma or the end of the line is needed");
  }
  const std::size_t start = position_;
  while (position_ < text_.size() && text_[position_] != ',' && text_[position_] != '\n') {
    if (text_[position_] == '"') {
      throw input_error(name_, place(line_, column()), "a quote inside an unquoted field",
                        "quote the whole field and double the quotes inside it");
    }
    ++position_;
  }
  std::string field(text_.substr(start, position_ - start));
  if (position_ < text_.size() && text_[position_] == '\n' && field.ends_with('\r')) {
    field.pop_back();
    --position_;  // take_line_end sees both bytes
  }
  return field;
}

bool CsvReader::next(std::vector<std::string>& fields) {
  while (take_line_end()) {
  }
  fields.clear();
  if (position_ >= text_.size()) return false;
  record_line_ = line_;
  for (;;) {
    fields.push_back(take_field());
    if (position_ >= text_.size() || take_line_end()) return true;
    ++position_;  // the comma
  }
}

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
