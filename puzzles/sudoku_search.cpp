// The open choices of a sudoku, and the search that counts a sudoku's solutions.

#include <bit>
#include <utility>

#include "puzzles/sudoku.hpp"

namespace trm::sudoku {
namespace {

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

Search start_of(const Grid& grid) {
  Search start{.grid = grid};
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (grid[cell] != 0) start.toggle(cell, 1U << (grid[cell] - 1));
  }
  return start;
}

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
