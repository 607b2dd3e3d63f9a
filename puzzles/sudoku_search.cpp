// The open choices of a sudoku, and the search that counts a sudoku's solutions.

#include <bit>
#include <utility>

#include "puzzles/sudoku.hpp"

namespace trm::sudoku {
namespace {

// Of 9x9 less than a tenth of a second; a larger board has fewer, each of which takes longer.
std::size_t most_nodes(const Shape& shape) {
  return 100'000 * cells * cells / (shape.cells() * shape.cells());
}

// The digits that each unit has already, bit d - 1 for the digit d.
struct Search {
  Grid grid{};
  std::array<unsigned, largest_side> rows{}, columns{}, boxes{};
  std::size_t most = 0;
  std::size_t found = 0;
  std::size_t nodes = 0;

  [[nodiscard]] const Shape& shape() const { return grid.shape(); }
  [[nodiscard]] unsigned all_digits() const { return (1U << shape().side) - 1; }
  [[nodiscard]] unsigned open(std::size_t cell) const {
    const std::size_t width = shape().side;
    return all_digits() & ~(rows[cell / width] | columns[cell % width] | boxes[shape().box_of(cell)]);
  }
  // Writes the digit of `bit`, or takes it out again.
  void toggle(std::size_t cell, unsigned bit) {
    rows[cell / shape().side] ^= bit;
    columns[cell % shape().side] ^= bit;
    boxes[shape().box_of(cell)] ^= bit;
  }
};

Search start_of(const Grid& grid) {
  Search start{.grid = grid};
  for (std::size_t cell = 0; cell < grid.size(); ++cell) {
    if (grid[cell] != 0) start.toggle(cell, 1U << (grid[cell] - 1));
  }
  return start;
}

// Where to go on: a blank cell and the digits to try there. No digits: a dead end; no cell: solved.
struct Branch {
  std::size_t cell;  // the number of cells: none
  unsigned digits = 0;
};

// The cell with the fewest candidates, or one that is the only place of a digit in a unit.
Branch next_branch(const Search& at) {
  const Shape& shape = at.shape();
  const std::size_t width = shape.side, none = shape.cells();
  std::array<unsigned, largest_side * largest_side> open{};
  Branch tightest{none};
  for (std::size_t cell = 0; cell < none; ++cell) {
    if (at.grid[cell] != 0) continue;
    open[cell] = at.open(cell);
    const bool fewer = std::popcount(open[cell]) < std::popcount(tightest.digits);
    if (tightest.cell == none || fewer) tightest = {cell, open[cell]};
  }
  if (std::popcount(tightest.digits) <= 1) return tightest;
  for (std::size_t unit = 0; unit < 3 * width; ++unit) {
    unsigned once = 0, twice = 0;
    for (std::size_t i = 0; i < width; ++i) {
      twice |= once & open[shape.member(unit, i)];
      once |= open[shape.member(unit, i)];
    }
    const std::size_t index = unit % width;
    const unsigned placed = unit < width ? at.rows[index] : unit < 2 * width ? at.columns[index] : at.boxes[index];
    if ((once | placed) != at.all_digits()) return {tightest.cell, 0};  // a digit has no place left
    const unsigned single = once & ~twice;
    for (std::size_t i = 0; single != 0 && i < width; ++i) {
      const std::size_t cell = shape.member(unit, i);
      if ((open[cell] & single) != 0) return {cell, open[cell] & single};
    }
  }
  return tightest;
}

// Depth first.
void search(Search& at) {
  if (++at.nodes > most_nodes(at.shape())) return;
  const auto [cell, digits] = next_branch(at);
  if (cell == at.grid.size()) {
    at.found += 1;
    return;
  }
  for (unsigned left = digits; left != 0 && at.found < at.most; left &= left - 1) {
    const unsigned bit = left & (~left + 1);
    at.toggle(cell, bit);
    at.grid[cell] = 1;  // any digit: only blank or not matters
    search(at);
    at.grid[cell] = 0;
    at.toggle(cell, bit);
  }
}

}  // namespace

std::vector<Choice> open_choices(const Grid& grid) {
  const Search at = start_of(grid);
  const Shape& shape = grid.shape();
  std::vector<Choice> of_cell(grid.size());
  std::vector<std::array<Choice, largest_side>> of_unit(3 * shape.side);  // [unit][digit - 1]
  for (std::size_t cell = 0; cell < grid.size(); ++cell) {
    if (grid[cell] != 0) continue;
    for (unsigned left = at.open(cell); left != 0; left &= left - 1) {
      const auto digit = static_cast<std::size_t>(std::countr_zero(left));
      const Placement placement{cell, static_cast<std::uint8_t>(digit + 1)};
      of_cell[cell].push_back(placement);
      for (const std::size_t unit : shape.units_of(cell)) of_unit[unit][digit].push_back(placement);
    }
  }
  std::vector<Choice> open;
  const auto take = [&](Choice& choice) {
    if (choice.size() > 1) open.push_back(std::move(choice));
  };
  for (Choice& choice : of_cell) take(choice);
  for (auto& unit : of_unit) {
    for (Choice& choice : unit) take(choice);
  }
  return open;
}

std::optional<std::size_t> count_solutions(const Grid& question, std::size_t most) {
  if (contradicts(question)) return 0;
  Search start = start_of(question);
  start.most = most;
  search(start);
  if (start.nodes > most_nodes(question.shape()) && start.found < most) return std::nullopt;
  return start.found;
}

}  // namespace trm::sudoku
