#include "puzzles/sudoku.hpp"

#include <algorithm>

namespace trm::sudoku {
namespace {

constexpr std::size_t side = 9;

std::string cell_name(std::size_t cell) {
  return "r" + std::to_string(cell / side + 1) + "c" + std::to_string(cell % side + 1);
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

void to_tokens(const Grid& grid, std::span<std::int32_t> out) {
  std::transform(grid.begin(), grid.end(), out.begin(), [](std::uint8_t digit) { return digit + 1; });
}

Grid from_tokens(std::span<const std::int32_t> tokens) {
  Grid grid{};
  std::transform(tokens.begin(), tokens.begin() + cells, grid.begin(),
                 [](std::int32_t token) { return static_cast<std::uint8_t>(token < 2 || token > 10 ? 0 : token - 1); });
  return grid;
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

}  // namespace trm::sudoku
