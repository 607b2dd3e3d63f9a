#include "puzzles/sudoku.hpp"

#include <algorithm>
#include <bit>

namespace trm::sudoku {
namespace {

std::string cell_name(std::size_t cell) {
  return "r" + std::to_string(cell / side + 1) + "c" + std::to_string(cell % side + 1);
}

// The row, the column and the box of a cell, as numbers from 0 to 26.
constexpr std::array<std::size_t, 3> units_of(std::size_t cell) {
  const std::size_t row = cell / side, column = cell % side;
  return {row, side + column, 2 * side + row / 3 * 3 + column / 3};
}

// The 27 units: rows, columns, boxes.
struct Unit {
  std::string name;
  std::array<std::size_t, side> members;
};

std::vector<Unit> make_units() {
  std::vector<Unit> units(3 * side);
  for (std::size_t u = 0; u < side; ++u) {
    const std::string number = std::to_string(u + 1);
    units[u].name = "row " + number;
    units[side + u].name = "column " + number;
    units[2 * side + u].name = "box " + number;
    for (std::size_t i = 0; i < side; ++i) {
      units[u].members[i] = u * side + i;
      units[side + u].members[i] = i * side + u;
      units[2 * side + u].members[i] = (u / 3 * 3 + i / 3) * side + u % 3 * 3 + i % 3;
    }
  }
  return units;
}

// "row 3 has two 7s", for every digit that stands more than once in a unit.
std::vector<std::string> repeated_digits(const Grid& grid) {
  static const std::vector<Unit> units = make_units();
  static constexpr std::array<const char*, 10> counts = {"no",   "one", "two",   "three", "four",
                                                         "five", "six", "seven", "eight", "nine"};
  std::vector<std::string> found;
  for (const auto& [name, members] : units) {
    std::array<std::size_t, 10> seen{};
    for (const std::size_t cell : members) seen[grid[cell]] += 1;
    for (std::size_t digit = 1; digit <= 9; ++digit) {
      if (seen[digit] > 1) found.push_back(name + " has " + counts[seen[digit]] + ' ' + std::to_string(digit) + "s");
    }
  }
  return found;
}

}  // namespace

std::string to_line(const Grid& grid) {
  std::string line(cells, '.');
  for (std::size_t i = 0; i < cells; ++i) {
    if (grid[i] != 0) line[i] = static_cast<char>('0' + grid[i]);
  }
  return line;
}

void Alphabet::to_tokens(const Grid& grid, std::span<std::int32_t> out) const {
  std::transform(grid.begin(), grid.end(), out.begin(), [this](std::uint8_t digit) { return blank + digit; });
}

Grid Alphabet::from_tokens(std::span<const std::int32_t> tokens) const {
  Grid grid{};
  std::transform(tokens.begin(), tokens.begin() + cells, grid.begin(), [this](std::int32_t token) {
    return static_cast<std::uint8_t>(token <= blank || token > blank + 9 ? 0 : token - blank);
  });
  return grid;
}

std::optional<Alphabet> alphabet_of(std::int64_t seq_len, std::int64_t tokens) {
  if (seq_len != static_cast<std::int64_t>(cells)) return std::nullopt;
  for (const Alphabet alphabet : {Alphabet{}, Alphabet{.blank = 2}}) {
    if (tokens == alphabet.vocab_size()) return alphabet;
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
  for (std::size_t i = 0; i < cells; ++i) {
    if (question[i] == 0 || question[i] == answer[i]) continue;
    const std::string now = answer[i] == 0 ? "blank" : std::to_string(answer[i]);
    found.push_back("given " + cell_name(i) + "=" + std::to_string(question[i]) + " changed to " + now);
  }
  for (std::size_t i = 0; i < cells; ++i) {
    if (question[i] == 0 && answer[i] == 0) found.push_back(cell_name(i) + " is blank");
  }
  const auto repeated = repeated_digits(answer);
  found.insert(found.end(), repeated.begin(), repeated.end());
  return found;
}

std::size_t fault_count(const Grid& question, const Grid& answer) {
  std::array<unsigned, 3 * side> once{}, twice{};  // [unit] bit d: the digit d stands in it once, twice
  std::size_t count = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (question[cell] != 0 && question[cell] != answer[cell]) count += 1;
    if (answer[cell] == 0) {
      count += question[cell] == 0 ? 1 : 0;
      continue;
    }
    const unsigned digit = 1U << answer[cell];
    for (const std::size_t unit : units_of(cell)) {
      twice[unit] |= once[unit] & digit;
      once[unit] |= digit;
    }
  }
  for (const unsigned digits : twice) count += static_cast<std::size_t>(std::popcount(digits));
  return count;
}

bool contradicts(const Grid& question) {
  std::array<unsigned, 3 * side> seen{};
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (question[cell] == 0) continue;
    const unsigned digit = 1U << question[cell];
    for (const std::size_t unit : units_of(cell)) {
      if ((seen[unit] & digit) != 0) return true;
      seen[unit] |= digit;
    }
  }
  return false;
}

}  // namespace trm::sudoku
