#include "io/csv.hpp"

#include "base/error.hpp"
#include "io/text.hpp"

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

}  // namespace trm
