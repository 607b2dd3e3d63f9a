#pragma once
// Comma-separated values (RFC 4180): quoted fields, doubled quotes, line ends inside quotes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trm {

// Reads a text record by record. Empty lines between records are skipped.
class CsvReader {
 public:
  // `text` must outlive the reader; `name` is for messages.
  CsvReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

  // The next record's fields, or false at the end. Throws Error(input) naming the
  // place of a quote that is never closed or that stands where none may.
  bool next(std::vector<std::string>& fields);
  [[nodiscard]] std::size_t line() const { return record_line_; }  // where that record starts, from 1

 private:
  std::string take_field();
  std::string take_quoted();
  bool take_line_end();
  [[nodiscard]] std::size_t column() const { return position_ - line_start_ + 1; }

  std::string_view text_;
  std::string name_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
  std::size_t record_line_ = 0;
};

}  // namespace trm
