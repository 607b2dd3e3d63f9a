#include "puzzles/views.hpp"

#include <algorithm>
#include <random>
#include <set>

#include "puzzles/kinds.hpp"
#include "puzzles/maze.hpp"
#include "puzzles/sudoku.hpp"
#include "tests/catch.hpp"

namespace trm::puzzles_views_test {
namespace {

using Cells = std::vector<std::int32_t>;

const std::string solved_line = "534678912672195348198342567859761423426853791713924856961537284287419635345286179";

Cells tokens_of(const std::string& line) {
  Cells tokens(line.size());
  sudoku::to_tokens(sudoku::parse(line, "t").front().question, tokens);
  return tokens;
}

// The solved grid without about half of its digits.
Cells random_puzzle(std::mt19937& random) {
  Cells puzzle = tokens_of(solved_line);
  for (auto& token : puzzle) token = random() % 2 == 0 ? 1 : token;
  return puzzle;
}

Cells shown(const View& view, const Cells& puzzle) {
  Cells out(puzzle.size());
  apply(view, puzzle, out);
  return out;
}

Cells recovered(const View& view, const Cells& seen) {
  Cells out(seen.size());
  undo(view, seen, out);
  return out;
}

}  // namespace

TEST_CASE("a sudoku's view and its inverse give the sudoku, and keep the rules") {
  std::mt19937 random(1);
  const Cells solution = tokens_of(solved_line);
  for (std::uint32_t attempt = 0; attempt < 300; ++attempt) {
    Draws draws(7, random(), attempt);
    const View view = sudoku_view(draws);
    const Cells puzzle = random_puzzle(random);
    CHECK(recovered(view, shown(view, puzzle)) == puzzle);
    const auto question = sudoku::from_tokens(shown(view, puzzle));
    CHECK(sudoku::faults(question, sudoku::from_tokens(shown(view, solution))).empty());
    // A broken answer stays broken.
    Cells broken = solution;
    broken[attempt % 81] = broken[attempt % 81] % 9 + 2;
    CHECK_FALSE(sudoku::faults(sudoku::Grid{}, sudoku::from_tokens(shown(view, broken))).empty());
  }
}

TEST_CASE("every symmetry of sudoku is drawn") {
  std::set<std::vector<std::size_t>> first_rows;
  std::set<std::int32_t> names;
  bool upright = false, transposed = false;
  for (std::uint32_t attempt = 0; attempt < 400; ++attempt) {
    Draws draws(0, 0, attempt);
    const View view = sudoku_view(draws);
    first_rows.insert({view.cells[0] / 9, view.cells[0] % 9});
    names.insert(view.tokens[2]);
    CHECK(view.tokens[0] == 0);
    CHECK(view.tokens[1] == 1);
    (view.cells[0] / 9 == view.cells[1] / 9 ? upright : transposed) = true;
  }
  CHECK(first_rows.size() > 75);  // of the 81 cells that can come first
  CHECK(names.size() == 9);
  CHECK((upright && transposed));
}

TEST_CASE("the eight views of a maze differ, have inverses and keep the rules") {
  const std::string maze = "######S  ## # ##  G######", way = "######Soo## #o##  G######";
  Cells question(maze.size()), answer(way.size());
  maze::to_tokens(maze, question);
  maze::to_tokens(way, answer);
  REQUIRE(maze::check(maze, way).faults.empty());
  std::set<Cells> all;
  for (std::size_t symmetry = 0; symmetry < maze_views; ++symmetry) {
    const View view = maze_view(5, symmetry);
    all.insert(shown(view, answer));
    CHECK(recovered(view, shown(view, question)) == question);
    const auto verdict = maze::check(maze::from_tokens(shown(view, question)), maze::from_tokens(shown(view, answer)));
    CHECK(verdict.faults.empty());
  }
  CHECK(all.size() == maze_views);
  CHECK(shown(maze_view(5, 0), question) == question);
}

TEST_CASE("draws depend on seed, puzzle and try, and on nothing else") {
  const auto some = [](std::uint64_t seed, std::uint64_t key, std::uint32_t attempt) {
    Draws draws(seed, key, attempt);
    std::vector<std::size_t> values(8);
    for (auto& value : values) value = draws.below(1000);
    return values;
  };
  CHECK(some(1, 2, 3) == some(1, 2, 3));
  CHECK(some(1, 2, 3) != some(2, 2, 3));
  CHECK(some(1, 2, 3) != some(1, 3, 3));
  CHECK(some(1, 2, 3) != some(1, 2, 4));
  CHECK(std::ranges::all_of(some(1, 2, 3), [](std::size_t value) { return value < 1000; }));
}

TEST_CASE("the first variant is the puzzle as given, the others are views of it, with one more digit at most") {
  std::mt19937 random(2);
  const PuzzleKind kind = sudoku_kind();
  for (int i = 0; i < 50; ++i) {
    const Cells puzzle = random_puzzle(random);
    CHECK(kind.variant(puzzle, 5, 1).inputs == puzzle);
    for (std::uint32_t attempt = 2; attempt < 12; ++attempt) {
      const Variant variant = kind.variant(puzzle, 5, attempt);
      const Cells asked = recovered(variant.view, variant.inputs);
      std::size_t changed = 0;
      for (std::size_t cell = 0; cell < puzzle.size(); ++cell) {
        changed += asked[cell] != puzzle[cell] ? 1 : 0;
        if (puzzle[cell] != 1) CHECK(asked[cell] == puzzle[cell]);
      }
      CHECK(changed <= 1);
      CHECK_FALSE(sudoku::contradicts(sudoku::from_tokens(asked)));
    }
  }
}

TEST_CASE("eight tries of a maze see its eight views") {
  const std::string maze = "######S  ## ####  G######";
  Cells question(maze.size());
  maze::to_tokens(maze, question);
  std::set<Cells> asked;
  for (std::uint32_t attempt = 1; attempt <= maze_views; ++attempt) {
    const Variant variant = maze_kind(5).variant(question, 3, attempt);
    CHECK(recovered(variant.view, variant.inputs) == question);
    asked.insert(variant.inputs);
  }
  CHECK(asked.size() == maze_views);
}

}  // namespace trm::puzzles_views_test
