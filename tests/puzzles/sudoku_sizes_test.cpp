// Sudokus of every size: the rules, text, tokens and views, on grids that a formula solves.

#include "puzzles/sudoku_sizes.hpp"

#include <string>
#include <vector>

#include "puzzles/board.hpp"
#include "puzzles/kinds.hpp"
#include "puzzles/views.hpp"
#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"

namespace trm::puzzles_sudoku_sizes_test {
namespace {

using sudoku::Grid;
using sudoku::Shape;

const std::vector<std::size_t> sides = {4, 6, 9, 16, 25};

// Row r is the digits in order, turned by box_columns for every row of a band and by one for every band.
Grid solved(const Shape& shape) {
  Grid grid(shape);
  for (std::size_t r = 0; r < shape.side; ++r) {
    for (std::size_t c = 0; c < shape.side; ++c) {
      const std::size_t turn = shape.box_columns * (r % shape.box_rows) + r / shape.box_rows;
      grid[r * shape.side + c] = static_cast<std::uint8_t>((turn + c) % shape.side + 1);
    }
  }
  return grid;
}

// Without every third digit.
Grid puzzle_of(const Shape& shape) {
  Grid grid = solved(shape);
  for (std::size_t i = 0; i < grid.size(); i += 3) grid[i] = 0;
  return grid;
}

// The cells as numbers, `between` apart, a line a row or all in one line.
std::string numbers(const Grid& grid, const std::string& between, bool rows) {
  std::string text;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const bool row_ends = (i + 1) % grid.shape().side == 0;
    text += grid[i] == 0 ? "." : std::to_string(grid[i]);
    text += i + 1 == grid.size() || (rows && row_ends) ? "\n" : between;
  }
  return text;
}

std::string rows_of(const Grid& grid) {
  const std::size_t width = grid.shape().side;
  const std::string line = sudoku::to_line(grid);
  std::string text;
  for (std::size_t r = 0; r < width; ++r) text += line.substr(r * width, width) + '\n';
  return text;
}

}  // namespace

TEST_CASE("the rules of every size accept the solved grid and name what breaks it") {
  for (const std::size_t side : sides) {
    CAPTURE(side);
    const Shape shape = *sudoku::shape_of(side);
    CHECK(shape.box_rows * shape.box_columns == side);
    const Grid answer = solved(shape), question = puzzle_of(shape);
    CHECK(sudoku::faults(question, answer).empty());
    CHECK(sudoku::fault_count(question, answer) == 0);
    CHECK_FALSE(sudoku::contradicts(question));

    Grid wrong = answer;
    wrong[0] = answer[1];  // in the same row and box
    CHECK(sudoku::fault_count(question, wrong) == sudoku::faults(question, wrong).size());
    CHECK_THAT(sudoku::faults(question, wrong).front(), Catch::Contains("row 1 has two"));
    Grid blank = answer;
    blank[3] = 0;
    CHECK_THAT(sudoku::faults(question, blank).front(), Catch::Contains("r1c4 is blank") || Catch::Contains("r1c4"));
    Grid twice = question;
    twice[0] = question[1];
    CHECK(sudoku::contradicts(twice));

    Grid one_gap = answer;
    one_gap[side + 1] = 0;
    CHECK(sudoku::count_solutions(one_gap, 2) == 1U);
    CHECK(sudoku::open_choices(one_gap).empty());
    CHECK_FALSE(sudoku::open_choices(Grid(shape)).empty());
  }
  CHECK_FALSE(sudoku::shape_of(8));
  CHECK(sudoku::count_solutions(Grid(*sudoku::shape_of(4)), 300) == 288U);  // all 4x4 sudokus
}

TEST_CASE("sudokus of every size are read from every layout of theirs") {
  for (const std::size_t side : sides) {
    if (side == 9) continue;
    CAPTURE(side);
    const Shape shape = *sudoku::shape_of(side);
    const Grid question = puzzle_of(shape), answer = solved(shape);
    const std::string line = sudoku::to_line(question), solution = sudoku::to_line(answer);
    std::vector<std::string> layouts = {line + '\n',
                                        rows_of(question),
                                        "# a comment\n\n" + rows_of(question),
                                        numbers(question, " ", true),
                                        numbers(question, ",", true),
                                        numbers(question, "\t", false),
                                        "question,answer\n" + line + ',' + solution + '\n',
                                        line + ' ' + solution + '\n'};
    for (const std::string& text : layouts) {
      CAPTURE(text);
      const auto puzzles = sudoku::parse(text, "t", shape);
      REQUIRE(puzzles.size() == 1);
      CHECK(puzzles[0].question == question);
      if (puzzles[0].answer) CHECK(*puzzles[0].answer == answer);
    }
    CHECK(sudoku::parse(line + '\n' + rows_of(question) + '\n' + rows_of(answer), "t", shape).size() == 3);
  }
}

TEST_CASE("what is no sudoku of the size is refused with its line") {
  const Shape shape = *sudoku::shape_of(4);
  for (const auto& [text, says] : {std::pair{"12341234123412\n", "line 1"},
                                   {"1234\n3412\n", "2 rows"},
                                   {"1234\n34512\n", "no row of the grid"},
                                   {"1235341221434321\n", "line 1"},
                                   {"question,answer\n1234341221434321,1234341221434.21\n", "has a blank"}}) {
    CAPTURE(text);
    CHECK_THAT(error_text([&, t = text] { (void)sudoku::parse(t, "t", shape); }, ErrorKind::input),
               Catch::Contains(says));
  }
}

TEST_CASE("sizes tell the board and the tokens of a model") {
  for (const std::size_t side : sides) {
    const auto cells = static_cast<std::int64_t>(side * side), width = static_cast<std::int64_t>(side);
    for (const std::int32_t blank : {1, 2}) {
      const auto alphabet = sudoku::alphabet_of(cells, width + 1 + blank);
      REQUIRE(alphabet);
      CHECK(alphabet->blank == blank);
      CHECK(alphabet->shape.side == side);
      const Grid grid = puzzle_of(alphabet->shape);
      std::vector<std::int32_t> tokens(grid.size());
      alphabet->to_tokens(grid, tokens);
      CHECK(tokens[0] == blank);
      CHECK(alphabet->from_tokens(tokens) == grid);
    }
    CHECK_FALSE(sudoku::alphabet_of(cells, width + 4));
  }
}

// nano-trm's pad_and_encode: the puzzle at the top left, the end marker (1) in the first cell of the row below it, else
// 0.
TEST_CASE("nano-trm's boards may be wider than the sudoku") {
  const auto alphabet = sudoku::alphabet_of(36, 7);  // grid_size 4, max_grid_size 6
  REQUIRE(alphabet);
  CHECK(alphabet->blank == 2);
  CHECK(alphabet->shape.side == 4);
  CHECK(alphabet->width == 6);
  const auto puzzle = sudoku::parse("1234341221434.21\n", "t", alphabet->shape).front().question;
  std::vector<std::int32_t> tokens(36, 5);
  alphabet->to_tokens(puzzle, tokens);
  CHECK(tokens == std::vector<std::int32_t>{3, 4, 5, 6, 0, 0, 5, 6, 3, 4, 0, 0, 4, 3, 6, 5, 0, 0,
                                            6, 2, 4, 3, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(alphabet->from_tokens(tokens) == puzzle);
  CHECK(sudoku::alphabet_of(64, 9)->shape.side == 6);
  CHECK(sudoku::alphabet_of(121, 12)->width == 11);
  CHECK_FALSE(sudoku::alphabet_of(64, 12));   // narrower than its sudoku
  CHECK_FALSE(sudoku::alphabet_of(82, 12));   // no square
  CHECK_FALSE(sudoku::alphabet_of(100, 12));  // a grid of ARC
  CHECK_FALSE(sudoku::alphabet_of(100, 11));  // TRM's boards are as wide as their sudokus
}

TEST_CASE("views and variants of every size keep the rules and can be undone") {
  for (const auto& [side, margin] :
       {std::pair<std::size_t, std::size_t>{4, 0}, {6, 0}, {9, 0}, {16, 0}, {25, 0}, {4, 2}, {9, 2}}) {
    CAPTURE(side, margin);
    const sudoku::Alphabet alphabet{.blank = 2, .shape = *sudoku::shape_of(side), .width = side + margin};
    const Grid answer = solved(alphabet.shape);
    std::vector<std::int32_t> tokens(alphabet.cells()), asked(tokens), shown(tokens), back(tokens);
    alphabet.to_tokens(answer, tokens);
    alphabet.to_tokens(puzzle_of(alphabet.shape), asked);
    for (std::uint32_t attempt = 0; attempt < 50; ++attempt) {
      Draws draws(3, attempt, attempt);
      const View view = sudoku_view(draws, alphabet);
      apply(view, tokens, shown);
      CHECK(sudoku::faults(Grid(alphabet.shape), alphabet.from_tokens(shown)).empty());
      undo(view, shown, back);
      CHECK(back == tokens);
    }
    const PuzzleKind kind = sudoku_kind(true, alphabet);
    CHECK(kind.faults(asked, tokens) == 0);
    for (std::uint32_t attempt = 1; attempt < 8; ++attempt) {
      const Variant variant = kind.variant(asked, 5, attempt);
      CHECK_FALSE(sudoku::contradicts(alphabet.from_tokens(variant.inputs)));
    }
  }
}

TEST_CASE("a small sudoku is drawn with its boxes") {
  const Shape shape = *sudoku::shape_of(4);
  CHECK(sudoku_board(puzzle_of(shape), solved(shape), false) ==
        ". 2 | 3 .     1 2 | 3 4\n"
        "3 4 | . 2     3 4 | 1 2\n"
        "----+----     ----+----\n"
        "2 . | 4 1  >  2 3 | 4 1\n"
        ". 1 | 2 .     4 1 | 2 3\n\n");
}

}  // namespace trm::puzzles_sudoku_sizes_test
