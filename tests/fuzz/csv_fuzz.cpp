// CSV: records, and the table of questions and answers.

#include "io/csv.hpp"
#include "puzzles/question_table.hpp"

#include <string_view>

#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return trm::fuzz(data, size, [](std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (trm::has_question_column(text)) (void)trm::read_questions(text, "fuzz");
    trm::CsvReader reader(text, "fuzz");
    std::vector<std::string> fields;
    while (reader.next(fields)) {
    }
  });
}
