// The open choices of a sudoku, and the search that counts a sudoku's solutions.

#include <bit>
#include <utility>

#include "puzzles/sudoku.hpp"

namespace trm::sudoku {
namespace {

constexpr unsigned all_digits = 0x1FF;
constexpr std::size_t most_nodes = 100'000;  // less than a tenth of a second

// The digits that each unit has already, bit d - 1 for the digit d.
struct Search {
  Grid grid{};
  std::array<unsigned, side> rows{}, columns{}, boxes{};
  std::size_t most = 0;
  std::size_t found = 0;
  std::size_t nodes = 0;

  static std::size_t box_of(std::size_t cell) { return cell / side / 3 * 3 + cell % side / 3; }
  [[nodiscard]] unsigned open(std::size_t cell) const {
    return all_digits & ~(rows[cell / side] | columns[cell % side] | boxes[box_of(cell)]);
  }
  // Writes the digit of `bit`, or takes it out again.
  void toggle(std::size_t cell, unsigned bit) {
    rows[cell / side] ^= bit;
    columns[cell % side] ^= bit;
    boxes[box_of(cell)] ^= bit;
  }
};

Search start_of(const Grid& grid) {
  Search start{.grid = grid};
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (grid[cell] != 0) start.toggle(cell, 1U << (grid[cell] - 1));
  }
  return start;
}

// Cell i of unit u: rows, then columns, then boxes.
constexpr std::size_t member(std::size_t u, std::size_t i) {
  if (u < side) return u * side + i;
  if (u < 2 * side) return i * side + u - side;
  return ((u - 2 * side) / 3 * 3 + i / 3) * side + (u - 2 * side) % 3 * 3 + i % 3;
}

// Where to go on: a blank cell and the digits to try there. No digits: a dead end; no cell: solved.
struct Branch {
  std::size_t cell = cells;
  unsigned digits = 0;
};

// The cell with the fewest candidates, or one that is the only place of a digit in a unit.
Branch next_branch(const Search& at) {
  std::array<unsigned, cells> open{};
  Branch tightest;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (at.grid[cell] != 0) continue;
    open[cell] = at.open(cell);
    const bool fewer = std::popcount(open[cell]) < std::popcount(tightest.digits);
    if (tightest.cell == cells || fewer) tightest = {cell, open[cell]};
  }
  if (std::popcount(tightest.digits) <= 1) return tightest;
  for (std::size_t unit = 0; unit < 3 * side; ++unit) {
    unsigned once = 0, twice = 0;
    for (std::size_t i = 0; i < side; ++i) {
      twice |= once & open[member(unit, i)];
      once |= open[member(unit, i)];
    }
    const std::size_t index = unit % side;
    const unsigned placed = unit < side ? at.rows[index] : unit < 2 * side ? at.columns[index] : at.boxes[index];
    if ((once | placed) != all_digits) return {tightest.cell, 0};  // a digit has no place left
    const unsigned single = once & ~twice;
    for (std::size_t i = 0; single != 0 && i < side; ++i) {
      if ((open[member(unit, i)] & single) != 0) return {member(unit, i), open[member(unit, i)] & single};
    }
  }
  return tightest;
}

// Depth first.
void search(Search& at) {
  if (++at.nodes > most_nodes) return;
  const auto [cell, digits] = next_branch(at);
  if (cell == cells) {
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
  std::array<Choice, cells> of_cell;
  std::array<std::array<Choice, side>, 3 * side> of_unit;  // [unit][digit - 1]
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (grid[cell] != 0) continue;
    for (unsigned left = at.open(cell); left != 0; left &= left - 1) {
      const auto digit = static_cast<std::size_t>(std::countr_zero(left));
      const Placement placement{cell, static_cast<std::uint8_t>(digit + 1)};
      of_cell[cell].push_back(placement);
      for (const std::size_t unit : {cell / side, side + cell % side, 2 * side + Search::box_of(cell)}) {
        of_unit[unit][digit].push_back(placement);
      }
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
  if (start.nodes > most_nodes && start.found < most) return std::nullopt;
  return start.found;
}

}  // namespace trm::sudoku
