// Candidates of a cell, and the search that counts a sudoku's solutions.

#include <bit>

#include "puzzles/sudoku.hpp"

namespace trm::sudoku {
namespace {

constexpr std::size_t side = 9;
constexpr unsigned all_digits = 0x1FF;
constexpr std::size_t most_nodes = 1'000'000;  // about a second

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

// Depth first, always at the cell with the fewest candidates.
void search(Search& at) {
  if (++at.nodes > most_nodes) return;
  std::size_t tightest = cells;
  int fewest = 10;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (at.grid[cell] != 0) continue;
    const int open = std::popcount(at.open(cell));
    if (open < fewest) {
      fewest = open;
      tightest = cell;
    }
  }
  if (tightest == cells) {
    at.found += 1;
    return;
  }
  for (unsigned left = at.open(tightest); left != 0 && at.found < at.most; left &= left - 1) {
    const unsigned bit = left & (~left + 1);
    at.toggle(tightest, bit);
    at.grid[tightest] = 1;  // any digit: only blank or not matters
    search(at);
    at.grid[tightest] = 0;
    at.toggle(tightest, bit);
  }
}

}  // namespace

unsigned candidates(const Grid& grid, std::size_t cell) {
  unsigned taken = 0;
  for (std::size_t other = 0; other < cells; ++other) {
    const bool meets =
        other / side == cell / side || other % side == cell % side || Search::box_of(other) == Search::box_of(cell);
    if (meets && grid[other] != 0) taken |= 1U << (grid[other] - 1);
  }
  return grid[cell] != 0 ? 0 : all_digits & ~taken;
}

std::optional<std::size_t> count_solutions(const Grid& question, std::size_t most) {
  if (contradicts(question)) return 0;
  Search start{.grid = question, .most = most};
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (question[cell] != 0) start.toggle(cell, 1U << (question[cell] - 1));
  }
  search(start);
  if (start.nodes > most_nodes && start.found < most) return std::nullopt;
  return start.found;
}

}  // namespace trm::sudoku
