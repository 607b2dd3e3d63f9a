#include "io/csv.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

constexpr std::size_t largest_record = 1 << 20;  // bytes

// A record while it is split.
struct Record {
  std::string line;
  char delimiter;
  LineSource& source;
  std::size_t position = 0;  // in `line`

  [[nodiscard]] bool at_end() const { return position >= line.size(); }
  [[nodiscard]] std::string here() const { return place(source.number(), position + 1); }
};

// After an opening quote, up to and with the closing one.
std::string take_quoted(Record& record) {
  const std::string opened = record.here();
  std::string field;
  ++record.position;
  for (;;) {
    const std::size_t quote = record.line.find('"', record.position);
    field += record.line.substr(record.position, quote - record.position);
    if (quote != std::string::npos) {
      record.position = quote + 1;
      if (record.at_end() || record.line[record.position] != '"') return field;
      field += '"';
      ++record.position;
      continue;
    }
    if (field.size() > largest_record || !record.source.next(record.line)) {
      throw input_error(record.source.name(), opened, "the quote is never closed", "close it with another \"");
    }
    field += '\n';
    record.position = 0;
  }
}

std::string take_field(Record& record) {
  if (!record.at_end() && record.line[record.position] == '"') {
    std::string field = take_quoted(record);
    if (record.at_end() || record.line[record.position] == record.delimiter) return field;
    throw input_error(record.source.name(), record.here(),
                      quoted(record.line[record.position]) + " follows a closing quote",
                      "a delimiter or the end of the line is needed");
  }
  const std::size_t start = record.position;
  record.position = std::min(record.line.find(record.delimiter, start), record.line.size());
  const std::size_t quote = record.line.find('"', start);
  if (quote < record.position) {
    record.position = quote;
    throw input_error(record.source.name(), record.here(), "a quote inside an unquoted field",
                      "quote the whole field and double the quotes inside it");
  }
  return record.line.substr(start, record.position - start);
}

}  // namespace

void split_record(std::string line, char delimiter, LineSource& source, std::vector<std::string>& fields) {
  Record record{.line = std::move(line), .delimiter = delimiter, .source = source};
  fields.clear();
  for (;;) {
    fields.push_back(take_field(record));
    if (record.at_end()) return;
    ++record.position;  // the delimiter
  }
}

}  // namespace trm
