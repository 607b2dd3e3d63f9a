#pragma once
// Tables of puzzles, a record a puzzle: CSV, or the same with semicolons or tabs. A header names the columns.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "io/line_source.hpp"

namespace trm {

struct QuestionColumns {
  char delimiter = ',';
  std::size_t width = 0;  // columns of the table
  std::size_t question = 0;
  std::optional<std::size_t> answer;
};

// Do these names mean the column of questions (question, puzzle, quizzes, ...), of answers (answer, solution, ...)?
// Any case.
[[nodiscard]] bool names_question(std::string_view name);
[[nodiscard]] bool names_answer(std::string_view name);

// The columns that a header of at least two names; nothing where none is a question's. (Below a single name stands a
// puzzle a line, which needs no table.)
[[nodiscard]] std::optional<QuestionColumns> question_columns(std::string_view header);

struct QuestionRow {
  std::size_t line = 0;  // where the record starts, from 1
  std::string question;
  std::string answer;  // empty: none
};

// The next record of the table; nothing at its end. Empty lines are skipped. Throws Error(input) for a record with more
// or fewer fields than the header.
[[nodiscard]] std::optional<QuestionRow> next_question(const QuestionColumns& columns, LineSource& source);

}  // namespace trm
