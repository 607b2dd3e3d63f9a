#pragma once
// A sudoku that comes row by row, with the rules and empty lines between its rows.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "puzzles/sudoku_cells.hpp"

namespace trm::sudoku {

// Collects rows until they are a grid. Every error says where the grid starts; what could be read in two ways is one: a
// line of nine dashes in a grid whose blanks are dashes, a second grid that begins where the first one breaks off.
class GridRows {
 public:
  explicit GridRows(std::string text_name) : text_name_(std::move(text_name)) {}

  [[nodiscard]] bool open() const { return rows_ > 0; }  // has a grid begun?

  // The grid, where this row of nine cells is its last.
  [[nodiscard]] std::optional<Puzzle> add(const Cells& row, bool columns_tell, std::size_t line);
  void add_rule(const Rule& rule, std::size_t line);
  void add_empty_line(std::size_t line);
  // Something comes that ends every grid (`by`: "the end of the file"). Throws Error(input) where one is open.
  void end(std::size_t line, const std::string& by);

 private:
  struct Gap {  // between two rows
    bool empty_line = false;
    std::size_t rules = 0;
    [[nodiscard]] bool separates() const { return empty_line || rules > 0; }
  };

  void close_gap(std::size_t line);
  void accept_blank(char32_t blank, bool has_digits, std::size_t line);
  [[nodiscard]] Puzzle finish(std::size_t line);
  [[noreturn]] void fail(std::size_t line, const std::string& what, const std::string& remedy) const;

  std::string text_name_;
  Puzzle puzzle_{};
  std::size_t rows_ = 0;
  Gap gap_{};
  bool bands_apart_ = false;   // something separates the first band from the second
  char32_t blank_ = 0;         // how the grid writes its blanks; 0: it has had none
  bool blank_sure_ = false;    // a row has both that blank and digits
  bool columns_tell_ = false;  // SpacedRow
  // Lines of one character that may be rules or rows of blanks: the first one of each character.
  struct Doubtful {
    char32_t character;
    std::size_t line;
  };
  std::vector<Doubtful> doubtful_{};
};

}  // namespace trm::sudoku
