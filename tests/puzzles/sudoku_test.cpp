#include "puzzles/sudoku.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"

namespace trm::puzzles_sudoku_test {

using sudoku::Grid;

namespace {

const std::string question_line = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79";
const std::string answer_line = "534678912672195348198342567859761423426853791713924856961537284287419635345286179";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto& puzzle : sudoku::parse(text, "t")) lines.push_back(sudoku::to_line(puzzle.question));
  return lines;
}

Grid grid_of(const std::string& line) {
  return sudoku::parse(line, "t").front().question;
}

// A grid drawn with the given pieces around its cells.
std::string drawn(const std::string& line, const std::string& between, const std::string& bar, const std::string& rule,
                  const std::string& edge) {
  std::string text = rule;
  for (std::size_t row = 0; row < 9; ++row) {
    if (row == 3 || row == 6) text += rule;
    text += edge;
    for (std::size_t column = 0; column < 9; ++column) {
      if (column == 3 || column == 6) {
        text += bar;
      } else if (column != 0) {
        text += between;
      }
      text += line[row * 9 + column];
    }
    text += edge + "\n";
  }
  return text + rule;
}

// A solved grid by shifting rows, relabelled and shuffled within bands: valid by construction.
Grid random_solution(std::mt19937& random) {
  std::array<std::uint8_t, 9> digits{};
  std::iota(digits.begin(), digits.end(), std::uint8_t{1});
  std::shuffle(digits.begin(), digits.end(), random);
  Grid grid{};
  for (std::size_t row = 0; row < 9; ++row) {
    for (std::size_t column = 0; column < 9; ++column)
      grid[row * 9 + column] = digits[(row * 3 + row / 3 + column) % 9];
  }
  return grid;
}

}  // namespace

TEST_CASE("every layout gives the same puzzle") {
  std::string zeros = question_line;
  std::replace(zeros.begin(), zeros.end(), '.', '0');
  const std::vector<std::string> layouts = {
      question_line,
      zeros,
      question_line + "\r\n",
      "  " + question_line + "  # a comment\n",
      "# a comment\n\n" + question_line,
      drawn(question_line, "", "", "", ""),
      drawn(question_line, " ", " ", "", ""),
      drawn(question_line, " ", " | ", "", ""),
      drawn(question_line, " ", " | ", "------+-------+------\n", ""),
      drawn(question_line, " ", " | ", "+-------+-------+-------+\n", "|"),
      drawn(question_line, "", "|", "===+===+===\n", ""),
      drawn(question_line, " ", " ", "\n", ""),
      drawn(zeros, " ", " │ ", "├───────┼───────┼───────┤\n", "│"),
      drawn(question_line, "║", "║", "╠═══╬═══╣\n", "║"),
      "question,answer\n" + question_line + "," + answer_line + "\n",
      "answer,source,question\r\n" + answer_line + ",x," + zeros + "\r\n",
  };
  for (const auto& layout : layouts) {
    CAPTURE(layout);
    CHECK(lines_of(layout) == std::vector<std::string>{question_line});
  }
}

TEST_CASE("several puzzles, layouts mixed, know where they start") {
  const std::string grid = drawn(answer_line, " ", " | ", "---+---+---\n", "");
  const auto puzzles = sudoku::parse(question_line + "\n\n" + grid + "\n" + grid + question_line + "\n", "t");
  REQUIRE(puzzles.size() == 4);
  CHECK(sudoku::to_line(puzzles[1].question) == answer_line);
  CHECK(sudoku::to_line(puzzles[3].question) == question_line);
  CHECK(puzzles[0].line == 1);
  CHECK(puzzles[1].line == 4);  // its first row, below a rule
  CHECK(puzzles[2].line == 18);
  CHECK(puzzles[3].line == 30);
}

TEST_CASE("the answer column is read") {
  const auto puzzles =
      sudoku::parse("question,answer\n" + question_line + "," + answer_line + "\n" + question_line + ",\n", "t");
  REQUIRE(puzzles.size() == 2);
  REQUIRE(puzzles[0].answer);
  CHECK(sudoku::to_line(*puzzles[0].answer) == answer_line);
  CHECK_FALSE(puzzles[1].answer);
}

TEST_CASE("what is wrong with a text is said with its place") {
  const auto message = [](const std::string& text) { return error_text([&] { (void)sudoku::parse(text, "p.txt"); }); };
  CHECK(message("") == "p.txt: holds no puzzle; give one a line, 81 characters, . or 0 for a blank");
  CHECK(message("# nothing\n\n").find("holds no puzzle") != std::string::npos);
  CHECK(message(question_line.substr(1)) ==
        "p.txt: line 1, column 80: the line has 80 cells; 81 (a whole puzzle) or 9 (a row) are needed");
  CHECK(message("\n" + question_line + "1").starts_with("p.txt: line 2, column 82: the line has 82 cells"));
  CHECK(message("12.45a789") ==
        "p.txt: line 1, column 6: 'a' is not a sudoku cell; use 1 to 9, and . or 0 for a blank");
  CHECK(message("│1│x").starts_with("p.txt: line 1, column 4: 'x'"));
  CHECK(message(std::string("\0\x01", 2)).starts_with("p.txt: line 1, column 1: byte 0x00"));
  CHECK(message("123456789\n123456789\n\n123456789\n") ==
        "p.txt: line 3: an empty line after 2 rows of the grid that starts in line 1; a grid has nine rows of nine "
        "cells");
  CHECK(message("123456789\n").starts_with("p.txt: line 1: the end of the file after 1 row of the grid"));
  CHECK(message("123456789\n" + question_line).starts_with("p.txt: line 2: a whole puzzle after 1 row"));
  CHECK(message("question,answer\n123,456\n") == "p.txt: line 2, column question: has 3 characters; a sudoku has 81");
  CHECK(message("question,answer\n" + question_line.substr(1) + "x,\n")
            .starts_with("p.txt: line 2, column question, character 81: 'x'"));
  CHECK(message("question,answer\n" + question_line + ",1\n")
            .starts_with("p.txt: line 2, column answer: has 1 character;"));
}

TEST_CASE("a text cut anywhere gives whole puzzles or one error") {
  const std::string csv = "question,answer\n" + question_line + ",\"" + answer_line + "\"\n";
  for (const std::string& text :
       {csv, drawn(question_line, " ", " │ ", "├───┼───┤\n", "│"), question_line + "\n" + question_line}) {
    for (std::size_t length = 0; length < text.size(); ++length) {
      CAPTURE(length);
      try {
        for (const auto& puzzle : sudoku::parse(text.substr(0, length), "cut")) {
          CHECK(sudoku::to_line(puzzle.question) == question_line);
        }
      } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::input);
        CHECK(std::string(error.what()).starts_with("cut: "));
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
      }
    }
  }
}

TEST_CASE("lines and tokens come back as they went") {
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    Grid grid{};
    for (auto& cell : grid) cell = static_cast<std::uint8_t>(random() % 10);
    CHECK(grid_of(sudoku::to_line(grid)) == grid);
    std::array<std::int32_t, 81> tokens{};
    sudoku::to_tokens(grid, tokens);
    for (std::size_t i = 0; i < 81; ++i) CHECK(tokens[i] == grid[i] + 1);
    CHECK(sudoku::from_tokens(tokens) == grid);
  }
  std::array<std::int32_t, 81> padding{};
  CHECK(sudoku::from_tokens(padding) == Grid{});
}

TEST_CASE("a model's vocabulary tells the tokens of its sudokus") {
  CHECK(sudoku::alphabet_of(81, 11)->blank == 1);
  CHECK_FALSE(sudoku::alphabet_of(81, 13));
  CHECK_FALSE(sudoku::alphabet_of(900, 12));
  const auto nano = sudoku::alphabet_of(81, 12);  // nano-trm: 0 padding, 1 end marker, 2 empty, digit + 2
  REQUIRE(nano);
  const Grid grid = grid_of(question_line);
  std::array<std::int32_t, sudoku::cells> tokens{};
  nano->to_tokens(grid, tokens);
  CHECK(std::vector(tokens.begin(), tokens.begin() + 4) == std::vector<std::int32_t>{7, 5, 2, 2});
  CHECK(nano->from_tokens(tokens) == grid);
  tokens.fill(1);
  CHECK(nano->from_tokens(tokens) == Grid{});
}

TEST_CASE("a right answer has no faults") {
  CHECK(sudoku::faults(grid_of(question_line), grid_of(answer_line)).empty());
  std::mt19937 random(2);
  for (int trial = 0; trial < 100; ++trial) {
    const Grid solution = random_solution(random);
    Grid question = solution;
    for (auto& cell : question) cell = random() % 2 == 0 ? 0 : cell;
    CHECK(sudoku::faults(question, solution).empty());
  }
}

TEST_CASE("any single change of a right answer is a fault") {
  std::mt19937 random(3);
  const Grid solution = random_solution(random);
  for (std::size_t cell = 0; cell < 81; ++cell) {
    for (std::uint8_t digit = 0; digit <= 9; ++digit) {
      if (digit == solution[cell]) continue;
      Grid wrong = solution;
      wrong[cell] = digit;
      CHECK_FALSE(sudoku::faults(Grid{}, wrong).empty());
    }
  }
}

TEST_CASE("two digits exchanged break the rules unless they are the same unit's only change") {
  std::mt19937 random(4);
  const Grid solution = random_solution(random);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t a = random() % 81;
    const std::size_t b = random() % 81;
    Grid wrong = solution;
    std::swap(wrong[a], wrong[b]);
    CHECK(sudoku::faults(Grid{}, wrong).empty() == (solution[a] == solution[b]));
  }
}

TEST_CASE("faults say what is wrong") {
  const Grid question = grid_of(question_line);
  Grid answer = grid_of(answer_line);
  answer[0] = 6;   // given 5
  answer[2] = 0;   // blank left
  answer[80] = 1;  // given 9, and row 9 has another 1
  const auto faults = sudoku::faults(question, answer);
  const auto has = [&](const std::string& text) {
    return std::find(faults.begin(), faults.end(), text) != faults.end();
  };
  CHECK(faults.front() == "given r1c1=5 changed to 6");
  CHECK(has("given r9c9=9 changed to 1"));
  CHECK(has("r1c3 is blank"));
  CHECK(has("row 1 has two 6s"));
  CHECK(has("column 1 has two 6s"));
  CHECK(has("box 1 has two 6s"));
  CHECK(has("row 9 has two 1s"));
  CHECK(has("box 9 has two 1s"));
  Grid ones;
  std::fill(ones.begin(), ones.end(), std::uint8_t{1});
  const auto all = sudoku::faults(Grid{}, ones);
  CHECK(all.size() == 27);
  CHECK(all.front() == "row 1 has nine 1s");
}

TEST_CASE("givens that contradict each other are named first") {
  Grid question = grid_of(question_line);
  question[2] = 3;
  const auto faults = sudoku::faults(question, grid_of(answer_line));
  CHECK(faults.front() == "the givens contradict each other: row 1 has two 3s");
}

TEST_CASE("the count of faults is that of the faults in words") {
  std::mt19937 random(4);
  for (int i = 0; i < 300; ++i) {
    const Grid solution = random_solution(random);
    Grid question = solution, answer = solution;
    for (auto& digit : question) digit = random() % 3 == 0 ? digit : std::uint8_t{0};
    for (std::size_t errors = random() % 12; errors > 0; --errors) {
      answer[random() % sudoku::cells] = static_cast<std::uint8_t>(random() % 10);
    }
    CHECK(sudoku::fault_count(question, answer) == sudoku::faults(question, answer).size());
  }
}

TEST_CASE("givens contradict each other when a digit stands twice in a unit") {
  CHECK_FALSE(sudoku::contradicts(grid_of(question_line)));
  for (const std::size_t cell : {2U, 20U, 72U}) {  // in the row, the box and the column of the 5 in the first cell
    Grid question = grid_of(question_line);
    question[cell] = 5;
    CHECK(sudoku::contradicts(question));
  }
}

TEST_CASE("solutions are counted") {
  const Grid one = grid_of(question_line);
  CHECK(sudoku::count_solutions(one, 2) == 1U);
  CHECK(sudoku::count_solutions(grid_of(answer_line), 2) == 1U);
  CHECK(sudoku::count_solutions(Grid{}, 2) == 2U);
  // Two digits that can change places in two rows of a band: an unavoidable set of this solution.
  Grid two = grid_of(answer_line);
  for (std::size_t cell = 0; cell < sudoku::cells; ++cell) {
    if (two[cell] == 6 || two[cell] == 7) two[cell] = 0;
  }
  CHECK(sudoku::count_solutions(two, 10).value() >= 2);
  Grid none = one;
  none[2] = 1;  // contradicts nothing by itself
  CHECK_FALSE(sudoku::contradicts(none));
  CHECK(sudoku::count_solutions(none, 2) == 0U);
}

TEST_CASE("open choices are what rows, columns and boxes leave open") {
  const Grid question = grid_of(question_line);
  const auto open = sudoku::open_choices(question);
  REQUIRE_FALSE(open.empty());
  const Grid solution = grid_of(answer_line);
  for (const sudoku::Choice& choice : open) {
    CHECK(choice.size() > 1);
    std::size_t right = 0;
    for (const auto& [cell, digit] : choice) {
      Grid filled = question;
      CHECK(filled[cell] == 0);
      filled[cell] = digit;
      CHECK_FALSE(sudoku::contradicts(filled));
      right += solution[cell] == digit ? 1 : 0;
    }
    CHECK(right == 1);  // exactly one way of each is that of the only solution
  }
  CHECK(sudoku::open_choices(solution).empty());
}

}  // namespace trm::puzzles_sudoku_test
