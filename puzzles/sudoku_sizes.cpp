#include "puzzles/sudoku_sizes.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "io/text.hpp"

namespace trm::sudoku {
namespace {

using Digits = std::vector<std::uint8_t>;

std::optional<std::uint8_t> digit_of(char c) {
  if (c == '.' || c == '0' || c == '_') return std::uint8_t{0};
  if (c >= '1' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'A' && c <= 'P') return static_cast<std::uint8_t>(10 + c - 'A');
  if (c >= 'a' && c <= 'p') return static_cast<std::uint8_t>(10 + c - 'a');
  return std::nullopt;
}

// "16", "0", or a character.
std::optional<std::uint8_t> cell_of_word(std::string_view word) {
  if (word.size() == 1) return digit_of(word.front());
  std::uint8_t number = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  return failure == std::errc() && end == word.data() + word.size() ? std::optional(number) : std::nullopt;
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view between = " \t\r,;|";
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t first = line.find_first_not_of(between);
    if (first == std::string_view::npos) return words;
    line.remove_prefix(first);
    words.push_back(line.substr(0, line.find_first_of(between)));
    line.remove_prefix(words.back().size());
  }
}

// A character each cell.
std::optional<Digits> digits_of(std::string_view word, std::size_t highest) {
  Digits digits;
  for (const char c : word) {
    const auto digit = digit_of(c);
    if (!digit || *digit > highest) return std::nullopt;
    digits.push_back(*digit);
  }
  return digits;
}

// The cells of words that are `count` cells together: a number or a character each, or characters close together.
std::optional<Digits> cells_of_words(std::span<const std::string_view> words, std::size_t count, std::size_t highest) {
  Digits digits;
  if (words.size() == count) {
    for (const auto word : words) {
      const auto digit = cell_of_word(word);
      if (!digit || *digit > highest) return std::nullopt;
      digits.push_back(*digit);
    }
    return digits;
  }
  for (const auto word : words) {
    const auto more = digits_of(word, highest);
    if (!more || digits.size() + more->size() > count) return std::nullopt;
    digits.insert(digits.end(), more->begin(), more->end());
  }
  return digits.size() == count ? std::optional(digits) : std::nullopt;
}

bool is_rule(std::string_view line) {
  return line.find_first_not_of(" \t\r-+=|") == std::string_view::npos &&
         line.find_first_of("-=") != std::string_view::npos;
}

Grid grid_of_digits(const Shape& shape, const Digits& digits) {
  Grid grid(shape);
  std::ranges::copy(digits, grid.begin());
  return grid;
}

std::string remedy_of(const Shape& shape) {
  const std::string highest = shape.side < 10
                                  ? std::to_string(shape.side)
                                  : std::string("9 and A to ") + symbol(static_cast<std::uint8_t>(shape.side));
  return "give a line of " + std::to_string(shape.cells()) + " cells or " + std::to_string(shape.side) + " lines of " +
         std::to_string(shape.side) + ": 1 to " + highest + ", or numbers apart; . or 0 for a blank";
}

}  // namespace

Grid SizedReader::whole(const std::string& field, const std::string& where, const LineSource& source) const {
  const auto digits = cells_of_words(words_of(field), shape_.cells(), shape_.side);
  if (!digits) throw input_error(source.name(), where, "is no sudoku of this size", remedy_of(shape_));
  return grid_of_digits(shape_, *digits);
}

// The puzzle that is complete with this line.
std::optional<Puzzle> SizedReader::take_line(const std::string& line, const LineSource& source) {
  const std::string here = "line " + std::to_string(source.number());
  const auto words = words_of(line);
  if (words.empty() || words[0].starts_with('#') || words[0].starts_with("//") || is_rule(line)) return std::nullopt;
  const auto row = cells_of_words(words, shape_.side, shape_.side);
  if (!row && rows_ > 0) {
    throw input_error(source.name(), here, "is no row of the grid that starts in line " + std::to_string(grid_.line),
                      remedy_of(shape_));
  }
  if (!row) {
    const std::span all(words);
    Puzzle puzzle{.question = Grid(shape_), .answer = {}, .line = source.number(), .name = {}};
    const auto both =
        words.size() % 2 == 0 ? cells_of_words(all.first(words.size() / 2), shape_.cells(), shape_.side) : std::nullopt;
    if (both) {
      puzzle.question = grid_of_digits(shape_, *both);
      std::string answer;
      for (const auto word : all.subspan(words.size() / 2)) answer += std::string(word) + ' ';
      puzzle.answer = whole(answer, here, source);
      return puzzle;
    }
    puzzle.question = whole(line, here, source);
    return puzzle;
  }
  if (rows_ == 0) grid_ = {.question = Grid(shape_), .answer = {}, .line = source.number(), .name = {}};
  std::ranges::copy(*row, grid_.question.begin() + static_cast<std::ptrdiff_t>(rows_ * shape_.side));
  if (++rows_ < shape_.side) return std::nullopt;
  rows_ = 0;
  return std::exchange(grid_, {});
}

std::optional<Puzzle> SizedReader::next(LineSource& source) {
  std::string line;
  while (!table_ && source.next(line)) {
    if (!std::exchange(begun_, true)) {
      table_ = question_columns(line);
      if (table_) break;
    }
    if (auto puzzle = take_line(line, source)) return puzzle;
  }
  if (!table_) {
    if (rows_ > 0 && !source.interrupted()) {
      throw input_error(source.name(), "line " + std::to_string(source.number()),
                        "the end of the file after " + plural(rows_, "row") + " of the grid that starts in line " +
                            std::to_string(grid_.line),
                        remedy_of(shape_));
    }
    return std::nullopt;
  }
  const auto read = next_question(*table_, source);
  if (!read) return std::nullopt;
  const std::string here = "line " + std::to_string(read->line) + ", column ";
  Puzzle puzzle{
      .question = whole(read->question, here + "question", source), .answer = {}, .line = read->line, .name = {}};
  if (read->answer.empty()) return puzzle;
  puzzle.answer = whole(read->answer, here + "answer", source);
  if (std::ranges::find(*puzzle.answer, 0) != puzzle.answer->end()) {
    throw input_error(source.name(), here + "answer", "the answer has a blank", "every cell needs a digit");
  }
  return puzzle;
}

}  // namespace trm::sudoku
