#include "puzzles/kinds.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "puzzles/maze.hpp"
#include "puzzles/sudoku.hpp"

namespace trm {
namespace {

// The first tries see the whole puzzle and nothing else. Later ones know that the puzzle is hard, and guess a digit: a
// wrong guess costs a try, a right one makes the puzzle easier. `trm study tries` measures it.
constexpr std::uint32_t first_guess = 4;

// One more digit in a blank cell that has the fewest candidates. Two tries that follow each other take the same cell
// and different digits, so that one of them is right where the cell has two candidates.
void guess(sudoku::Grid& grid, std::uint64_t seed, std::uint64_t key, std::uint32_t attempt) {
  std::vector<std::size_t> tightest;
  int fewest = 10;
  for (std::size_t cell = 0; cell < sudoku::cells; ++cell) {
    const int open = std::popcount(sudoku::candidates(grid, cell));
    if (open < 2 || open > fewest) continue;
    if (open < fewest) tightest.clear();
    fewest = open;
    tightest.push_back(cell);
  }
  if (tightest.empty()) return;
  constexpr std::uint64_t guesses = 0x6775657373;  // keeps these draws apart from those of the views
  const std::uint32_t number = attempt - first_guess;
  Draws draws(seed ^ guesses, key, number / 2);
  const std::size_t cell = tightest[draws.below(tightest.size())];
  std::size_t skipped = (draws.below(static_cast<std::size_t>(fewest)) + number % 2) % static_cast<std::size_t>(fewest);
  unsigned left = sudoku::candidates(grid, cell);
  for (; skipped > 0; --skipped) left &= left - 1;
  grid[cell] = static_cast<std::uint8_t>(std::countr_zero(left) + 1);
}

Variant as_given(Tokens question, std::size_t vocab_size) {
  return {same_view(question.size(), vocab_size), {question.begin(), question.end()}};
}

Variant sudoku_variant(Tokens question, std::uint64_t seed, std::uint32_t attempt) {
  if (attempt == 1) return as_given(question, static_cast<std::size_t>(sudoku::vocab_size));
  const std::uint64_t key = puzzle_key(question);
  Draws draws(seed, key, attempt);
  Variant variant{sudoku_view(draws), std::vector<std::int32_t>(question.size())};
  std::vector<std::int32_t> asked(question.begin(), question.end());
  if (attempt >= first_guess) {
    sudoku::Grid grid = sudoku::from_tokens(question);
    guess(grid, seed, key, attempt);
    sudoku::to_tokens(grid, asked);
  }
  apply(variant.view, asked, variant.inputs);
  return variant;
}

Variant maze_variant(std::size_t side, Tokens question, std::uint64_t seed, std::uint32_t attempt) {
  Variant variant = as_given(question, static_cast<std::size_t>(maze::vocab_size));
  if (attempt % maze_views == 1) return variant;
  std::array<std::size_t, maze_views - 1> others{};
  std::iota(others.begin(), others.end(), std::size_t{1});
  Draws draws(seed, puzzle_key(question), 0);
  draws.shuffle(std::span(others));
  variant.view = maze_view(side, others[(attempt + maze_views - 2) % maze_views]);
  apply(variant.view, question, variant.inputs);
  return variant;
}

std::string maze_of(Tokens tokens) {
  return maze::from_tokens(tokens);
}

}  // namespace

PuzzleKind sudoku_kind() {
  PuzzleKind kind;
  kind.faults = [](Tokens question, Tokens answer) {
    return sudoku::fault_count(sudoku::from_tokens(question), sudoku::from_tokens(answer));
  };
  kind.contradicts = [](Tokens question) { return sudoku::contradicts(sudoku::from_tokens(question)); };
  kind.variant = sudoku_variant;
  kind.tries = 12;
  kind.steps = 12;
  kind.hopeless = 20;
  return kind;
}

PuzzleKind maze_kind(std::size_t side) {
  PuzzleKind kind;
  kind.faults = [](Tokens question, Tokens answer) {
    return maze::check(maze_of(question), maze_of(answer)).faults.size();
  };
  kind.contradicts = [](Tokens question) {
    const std::string maze = maze_of(question);
    return maze::check(maze, maze).shortest == 0;
  };
  kind.variant = [side](Tokens question, std::uint64_t seed, std::uint32_t attempt) {
    return maze_variant(side, question, seed, attempt);
  };
  kind.tries = maze_views;
  return kind;
}

std::optional<PuzzleKind> kind_of(const Hyperparameters& model) {
  if (model.seq_len == static_cast<std::int64_t>(sudoku::cells) && model.vocab_size == sudoku::vocab_size) {
    return sudoku_kind();
  }
  const auto side = maze::side_of(model.seq_len);
  if (side && model.vocab_size == maze::vocab_size) return maze_kind(*side);
  return std::nullopt;
}

}  // namespace trm
