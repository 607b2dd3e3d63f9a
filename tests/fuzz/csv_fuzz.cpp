// CSV: records, and the table of questions and answers.

#include "io/csv.hpp"
#include "puzzles/question_table.hpp"

#include <string_view>

#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return trm::fuzz(data, size, [](std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    trm::LineSource source = trm::LineSource::text(text, "fuzz");
    std::string line;
    std::vector<std::string> fields;
    if (!source.next(line)) return;
    if (const auto columns = trm::question_columns(line)) {
      while (trm::next_question(*columns, source)) {
      }
    }
    while (source.next(line)) trm::split_record(line, text.front(), source, fields);
  });
}
