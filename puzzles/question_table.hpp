#pragma once
// Tables of puzzles as CSV: a question column and, perhaps, an answer column.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trm {

// One row of a table with a question column and, perhaps, an answer column.
struct QuestionRow {
  std::size_t line = 0;
  std::string question;
  std::string answer;  // empty: none
};

// Is the first line the header of such a table? (Names: question or puzzle, answer or solution, any case.)
[[nodiscard]] bool has_question_column(std::string_view text);

// All its rows. Throws Error(input) for a row with more or fewer fields than the header.
[[nodiscard]] std::vector<QuestionRow> read_questions(std::string_view text, const std::string& name);

}  // namespace trm
