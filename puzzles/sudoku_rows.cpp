#include "puzzles/sudoku_rows.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "io/text.hpp"

namespace trm::sudoku {

void GridRows::fail(std::size_t line, const std::string& what, const std::string& remedy) const {
  throw input_error(text_name_, "line " + std::to_string(line), what, remedy);
}

void GridRows::end(std::size_t line, const std::string& by) {
  doubtful_.clear();
  gap_ = {};
  if (rows_ == 0) return;
  fail(line, by + " after " + plural(rows_, "row") + " of the grid that starts in line " + std::to_string(puzzle_.line),
       "a grid has nine rows of nine cells");
}

void GridRows::add_empty_line(std::size_t line) {
  if (rows_ % 3 != 0) end(line, "an empty line");
  if (rows_ == 0) doubtful_.clear();
  gap_.empty_line = true;
}

void GridRows::add_rule(const Rule& rule, std::size_t line) {
  gap_.rules += 1;
  if (rule.pure == 0) return;
  const auto same = [&](const Doubtful& other) { return other.character == rule.pure; };
  if (std::none_of(doubtful_.begin(), doubtful_.end(), same)) doubtful_.push_back({rule.pure, line});
  if (rows_ > 0 && rule.pure == blank_) accept_blank(blank_, false, line);
}

// What lies between two rows must not be the end of one grid and the beginning of another.
void GridRows::close_gap(std::size_t line) {
  const Gap gap = std::exchange(gap_, {});
  if (rows_ == 0) return;
  const std::string grid = "the grid that starts in line " + std::to_string(puzzle_.line);
  if (gap.rules > 1) {
    fail(line, "two rules in a row after " + plural(rows_, "row") + " of " + grid,
         "a grid has nine rows of nine cells, and no more than one rule between two of them");
  }
  if (rows_ == 3) bands_apart_ = gap.separates();
  if (rows_ == 6 && gap.separates() != bands_apart_) {
    fail(line, "only one of the two gaps between the bands of " + grid + " has a rule or an empty line",
         "a grid has nine rows of nine cells; separate all bands or none");
  }
}

void GridRows::accept_blank(char32_t blank, bool has_digits, std::size_t line) {
  if (blank == 0) return;
  if (blank_ != 0 && blank != blank_) {
    fail(line, "the row writes blanks as " + blank_text(blank) + ", the rows above as " + blank_text(blank_),
         "write every blank as . or 0");
  }
  blank_ = blank;
  blank_sure_ = blank_sure_ || has_digits;
  for (const auto& [character, at] : doubtful_) {
    if (character != blank) continue;
    fail(at, "is this a row of blanks or a rule? This grid writes a blank as " + blank_text(blank),
         "write blanks as . or 0");
  }
}

std::optional<Puzzle> GridRows::add(const Cells& row, bool columns_tell, std::size_t line) {
  const char32_t blank = blank_of(row).value_or(0);
  const bool has_digits = std::any_of(row.begin(), row.end(), [](const Cell& cell) { return cell.digit != 0; });
  if (!has_digits && draws_rules(blank) && (rows_ % 3 == 0 || (blank_ != 0 && blank_ != blank))) {
    add_rule({blank}, line);
    return std::nullopt;
  }
  close_gap(line);
  accept_blank(blank, has_digits, line);
  if (rows_ == 0) puzzle_ = {.question = {}, .answer = {}, .line = line, .name = {}};
  for (std::size_t i = 0; i < side; ++i) {
    puzzle_.question[rows_ * side + i] = row[i].digit;
    columns_tell_ = columns_tell_ || columns_tell || (i % 2 == 1 && row[i].digit != 0);
  }
  if (++rows_ < side) return std::nullopt;
  return finish(line);
}

Puzzle GridRows::finish(std::size_t line) {
  if (draws_rules(blank_) && !blank_sure_) {
    fail(line,
         "the grid that starts in line " + std::to_string(puzzle_.line) + " has lines of " + blank_text(blank_) +
             " that may be rules or rows of blanks",
         "write blanks as . or 0");
  }
  if (blank_ != 0 && blank_ != U'0' && !columns_tell_) {
    fail(line,
         "in the grid that starts in line " + std::to_string(puzzle_.line) + ' ' + blank_text(blank_) +
             " may be a blank or separate the digits",
         "write blanks as . or 0");
  }
  Puzzle complete = std::exchange(puzzle_, {});
  *this = GridRows(std::move(text_name_));
  return complete;
}

}  // namespace trm::sudoku
