#include "puzzles/sudoku.hpp"

#include <algorithm>
#include <bit>

namespace trm::sudoku {
namespace {

std::string cell_name(const Grid& grid, std::size_t cell) {
  const std::size_t width = grid.shape().side;
  return "r" + std::to_string(cell / width + 1) + "c" + std::to_string(cell % width + 1);
}

// "row 3", "box 5".
std::string unit_name(const Shape& shape, std::size_t unit) {
  constexpr std::array<const char*, 3> kinds = {"row ", "column ", "box "};
  return kinds[unit / shape.side] + std::to_string(unit % shape.side + 1);
}

std::string in_words(std::size_t count) {
  constexpr std::array<const char*, 10> words = {"no",   "one", "two",   "three", "four",
                                                 "five", "six", "seven", "eight", "nine"};
  return count < words.size() ? words[count] : std::to_string(count);
}

// "row 3 has two 7s", for every digit that stands more than once in a unit: rows, columns and boxes in turn.
std::vector<std::string> repeated_digits(const Grid& grid) {
  const Shape& shape = grid.shape();
  std::vector<std::string> found;
  for (std::size_t unit = 0; unit < 3 * shape.side; ++unit) {
    std::array<std::size_t, largest_side + 1> seen{};
    for (std::size_t i = 0; i < shape.side; ++i) seen[grid[shape.member(unit, i)]] += 1;
    for (std::size_t digit = 1; digit <= shape.side; ++digit) {
      if (seen[digit] < 2) continue;
      found.push_back(unit_name(shape, unit) + " has " + in_words(seen[digit]) + ' ' + std::to_string(digit) + "s");
    }
  }
  return found;
}

}  // namespace

std::string to_line(const Grid& grid) {
  std::string line;
  for (const std::uint8_t digit : grid) line += symbol(digit);
  return line;
}

void Alphabet::to_tokens(const Grid& grid, std::span<std::int32_t> out) const {
  std::ranges::fill(out, 0);
  if (width > shape.side) out[shape.side * width] = 1;  // the end marker
  for (std::size_t cell = 0; cell < grid.size(); ++cell) out[place_of(cell)] = blank + grid[cell];
}

Grid Alphabet::from_tokens(std::span<const std::int32_t> tokens) const {
  Grid grid(shape);
  const auto highest = static_cast<std::int32_t>(shape.side);
  for (std::size_t cell = 0; cell < grid.size(); ++cell) {
    const std::int32_t token = tokens[place_of(cell)];
    grid[cell] = static_cast<std::uint8_t>(token <= blank || token > blank + highest ? 0 : token - blank);
  }
  return grid;
}

std::optional<Alphabet> alphabet_of(std::int64_t seq_len, std::int64_t tokens) {
  for (const std::int32_t blank : {1, 2}) {
    const auto shape = tokens > blank + 1 ? shape_of(static_cast<std::size_t>(tokens - blank - 1)) : std::nullopt;
    if (!shape) continue;
    for (const std::size_t margin : {std::size_t{0}, blank == 2 ? nano_margin : 0}) {
      const Alphabet alphabet{.blank = blank, .shape = *shape, .width = shape->side + margin};
      if (seq_len == static_cast<std::int64_t>(alphabet.cells())) return alphabet;
    }
  }
  return std::nullopt;
}

void to_tokens(const Grid& grid, std::span<std::int32_t> out) {
  Alphabet{}.to_tokens(grid, out);
}

Grid from_tokens(std::span<const std::int32_t> tokens) {
  return Alphabet{}.from_tokens(tokens);
}

std::vector<std::string> faults(const Grid& question, const Grid& answer) {
  std::vector<std::string> found;
  for (const std::string& repeated : repeated_digits(question)) {
    found.push_back("the givens contradict each other: " + repeated);
  }
  for (std::size_t i = 0; i < question.size(); ++i) {
    if (question[i] == 0 || question[i] == answer[i]) continue;
    const std::string now = answer[i] == 0 ? "blank" : std::to_string(answer[i]);
    found.push_back("given " + cell_name(question, i) + "=" + std::to_string(question[i]) + " changed to " + now);
  }
  for (std::size_t i = 0; i < question.size(); ++i) {
    if (question[i] == 0 && answer[i] == 0) found.push_back(cell_name(question, i) + " is blank");
  }
  const auto repeated = repeated_digits(answer);
  found.insert(found.end(), repeated.begin(), repeated.end());
  return found;
}

std::size_t fault_count(const Grid& question, const Grid& answer) {
  std::array<unsigned, 3 * largest_side> once{}, twice{};  // [unit] bit d: the digit d stands in it once, twice
  std::size_t count = 0;
  for (std::size_t cell = 0; cell < question.size(); ++cell) {
    if (question[cell] != 0 && question[cell] != answer[cell]) count += 1;
    if (answer[cell] == 0) {
      count += question[cell] == 0 ? 1 : 0;
      continue;
    }
    const unsigned digit = 1U << answer[cell];
    for (const std::size_t unit : question.shape().units_of(cell)) {
      twice[unit] |= once[unit] & digit;
      once[unit] |= digit;
    }
  }
  for (const unsigned digits : twice) count += static_cast<std::size_t>(std::popcount(digits));
  return count;
}

bool contradicts(const Grid& question) {
  std::array<unsigned, 3 * largest_side> seen{};
  for (std::size_t cell = 0; cell < question.size(); ++cell) {
    if (question[cell] == 0) continue;
    const unsigned digit = 1U << question[cell];
    for (const std::size_t unit : question.shape().units_of(cell)) {
      if ((seen[unit] & digit) != 0) return true;
      seen[unit] |= digit;
    }
  }
  return false;
}

}  // namespace trm::sudoku
