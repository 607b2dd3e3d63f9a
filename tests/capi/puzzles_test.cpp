// Sudokus as text through trm.h, of every size, alphabet and board, and the answers of trm_solve beside the program's.

#include <trm.hpp>

#include <array>
#include <string>
#include <vector>

#include "tests/capi/handles.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::capi_test::puzzles_test {
namespace {

constexpr std::array<std::int64_t, 5> sides = {4, 6, 9, 16, 25};

// A line of a sudoku with every digit in its first row and blanks below, digits from 10 on as letters.
std::string first_row_line(std::int64_t side) {
  std::string line(static_cast<std::size_t>(side * side), '.');
  for (std::int64_t i = 0; i < side; ++i) {
    line[static_cast<std::size_t>(i)] = static_cast<char>(i < 9 ? '1' + i : 'A' + i - 9);
  }
  return line;
}

// nano-trm's pad_and_encode of that sudoku: an end marker (1) below the puzzle, 0 elsewhere outside it.
std::vector<std::int32_t> padded_first_row(std::int64_t side) {
  const std::int64_t width = side + 2;
  std::vector<std::int32_t> tokens;
  for (std::int64_t row = 0; row < width; ++row) {
    for (std::int64_t column = 0; column < width; ++column) {
      const bool inside = row < side && column < side;
      const std::int64_t digit = row == 0 ? column + 1 : 0;
      const bool marker = row == side && column == 0;
      tokens.push_back(inside ? static_cast<std::int32_t>(digit + 2) : marker ? 1 : 0);
    }
  }
  return tokens;
}

// A model of nano-trm's 4x4 sudokus, with this max_grid_size.
void convert_nano(const std::string& file, int max_grid_size) {
  const std::string golden = TRM_TEST_DATA "/golden/nano_ema/model.ckpt";
  const std::string width = std::to_string(max_grid_size), cells = std::to_string(max_grid_size * max_grid_size);
  const Outcome outcome = run_program(
      {"convert", golden, "-o", file, "--quiet", "--set", "max_grid_size=" + width, "--set", "seq_len=" + cells});
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
}

}  // namespace

TEST_CASE("Sudokus of every size are read and written in the tokens of TRM and of nano-trm") {
  for (const std::int64_t side : sides) {
    CAPTURE(side);
    const std::string line = first_row_line(side);
    const v0::Puzzles trm_tokens(TRM_SUDOKU, side), nano(TRM_SUDOKU_NANO, side);
    const auto tokens = trm_tokens.read(line + '\n' + line);
    REQUIRE(tokens.size() == 2 * line.size());
    const auto nano_tokens = nano.read(line);
    REQUIRE(nano_tokens.size() == line.size());
    for (std::size_t cell = 0; cell < line.size(); ++cell) {
      const auto digit = cell < static_cast<std::size_t>(side) ? static_cast<std::int32_t>(cell) + 1 : 0;
      CHECK(tokens[cell] == digit + 1);
      CHECK(tokens[line.size() + cell] == digit + 1);
      CHECK(nano_tokens[cell] == digit + 2);
    }
    CHECK(trm_tokens.write(tokens.data()) == line);
    CHECK(nano.write(nano_tokens.data()) == line);

    const v0::Puzzles padded(TRM_SUDOKU_NANO_PADDED, side);
    const auto board = padded.read(line + '\n' + line);
    const std::vector<std::int32_t> expected = padded_first_row(side);
    REQUIRE(board.size() == 2 * expected.size());
    CHECK(std::equal(expected.begin(), expected.end(), board.begin()));
    CHECK(std::equal(expected.begin(), expected.end(), board.begin() + static_cast<std::ptrdiff_t>(expected.size())));
    CHECK(padded.write(board.data()) == line);
    CHECK(padded.faults(board.data(), board.data()) == trm_tokens.faults(tokens.data(), tokens.data()));
  }
}

TEST_CASE("Sudokus of side 0 are those of 9 cells a row, on every board") {
  const std::string line = first_row_line(9);
  for (const auto kind : {TRM_SUDOKU, TRM_SUDOKU_NANO, TRM_SUDOKU_NANO_PADDED}) {
    const v0::Puzzles usual(kind), zero(kind, 0);
    CHECK(zero.cells() == usual.cells());
    CHECK(zero.read(line) == usual.read(line));
  }
}

TEST_CASE("What a model answers in the margin of its board is no fault") {
  const v0::Puzzles padded(TRM_SUDOKU_NANO_PADDED, 4);
  const auto question = padded.read("1234341221434.21");
  auto answer = padded.read("1234341221434321");
  answer[4] = 3;   // beside the first row
  answer[24] = 0;  // the end marker
  CHECK(padded.faults(question.data(), answer.data()) == 0);
  CHECK(padded.write(answer.data()) == "1234341221434321");
  answer[19] = 2;  // the cell that was asked for: blank
  CHECK(padded.faults(question.data(), answer.data()) == 1);
}

TEST_CASE("A model says how its puzzles are written, and solves them as the program does") {
  const TemporaryDirectory folder;
  const std::string line = "1..43...2.4.4.2.";
  for (const int width : {4, 6}) {
    CAPTURE(width);
    const std::string file = (folder / ("nano" + std::to_string(width) + ".gguf")).string();
    convert_nano(file, width);
    const auto model = v0::Model::load(file);
    const trm_model_info info = model.info();
    CHECK(info.puzzle_kind == (width == 4 ? TRM_SUDOKU_NANO : TRM_SUDOKU_NANO_PADDED));
    CHECK(info.puzzle_side == 4);
    const v0::Puzzles puzzles(model);
    CHECK(puzzles.cells() == static_cast<std::size_t>(info.cells));
    const auto solutions = v0::Session(model).solve(puzzles.read(line));
    CHECK(puzzles.write(solutions.answers.data()) + '\n' == run_program({"sudoku", "-m", file, line, "--quiet"}).out);
  }
}

TEST_CASE("The bundled models say how their puzzles are written") {
  const auto sudoku = v0::Model::load(bundled + "sudoku_int8.gguf").info();
  CHECK((sudoku.puzzle_kind == TRM_SUDOKU && sudoku.puzzle_side == 9));
  const auto maze = v0::Model::load(bundled + "maze_int8.gguf").info();
  CHECK((maze.puzzle_kind == TRM_MAZE && maze.puzzle_side == 11));
}

TEST_CASE("A struct of model facts as the first release had it is filled as far as it goes") {
  const auto model = load(bundled + "sudoku_int8.gguf");
  auto info = make<trm_model_info>();
  info.size = offsetof(trm_model_info, puzzle_kind);
  info.puzzle_side = -1;
  REQUIRE(trm_model_get_info(model.get(), &info, nullptr) == TRM_OK);
  CHECK(info.cells == 81);
  CHECK(info.puzzle_side == -1);
}

}  // namespace trm::capi_test::puzzles_test
