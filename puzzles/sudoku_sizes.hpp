#pragma once
// Sudokus of other sizes than 9x9 from text. A text may mix these layouts:
//   - a line of all cells, a character each: 1 to 9, A (10) to P (25), and . or 0 or _ for a blank; the answer may
//     stand behind it;
//   - a line of all cells, or as many lines as the board has rows, a number each: "1 . 16 4"; between spaces, commas,
//     semicolons or tabs;
//   - as many lines as the board has rows, a character a cell, close together or in boxes ("12 34", "1 2 | 3 4");
//     frames and empty lines may stand between them;
//   - tables with a header that names a column of questions (question_table.hpp).
// A line that begins with # or // is a comment.

#include <optional>
#include <string>

#include "io/line_source.hpp"
#include "puzzles/question_table.hpp"
#include "puzzles/sudoku.hpp"

namespace trm::sudoku {

class SizedReader {
 public:
  explicit SizedReader(const Shape& shape) : shape_(shape) {}

  // The next puzzle; nothing at the end of the text. Throws Error(input).
  [[nodiscard]] std::optional<Puzzle> next(LineSource& source);

 private:
  [[nodiscard]] std::optional<Puzzle> take_line(const std::string& line, const LineSource& source);
  [[nodiscard]] Grid whole(const std::string& field, const std::string& where, const LineSource& source) const;

  Shape shape_;
  Puzzle grid_{};         // whose rows come one by one
  std::size_t rows_ = 0;  // of it
  bool begun_ = false;    // has a line been read?
  std::optional<QuestionColumns> table_{};
};

}  // namespace trm::sudoku
