#include "puzzles/kinds.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "puzzles/maze.hpp"
#include "puzzles/model_board.hpp"
#include "puzzles/sudoku.hpp"

namespace trm {
namespace {

// One digit more in the puzzle: a guess. A wrong guess costs a try, a right one makes the puzzle easier. The guess is
// one of the choices that the rules leave open and that have the fewest ways: the digit of a cell, or the place of a
// digit in a row, column or box. Two tries that follow each other take the same choice and different ways, so that one
// of them is right where there are two. `trm study tries` measures what that brings.
void guess(sudoku::Grid& grid, std::uint64_t seed, std::uint64_t key, std::uint32_t number) {
  std::vector<sudoku::Choice> open = sudoku::open_choices(grid);
  if (open.empty()) return;
  const std::size_t fewest = std::ranges::min_element(open, {}, &sudoku::Choice::size)->size();
  std::erase_if(open, [&](const sudoku::Choice& choice) { return choice.size() > fewest; });
  constexpr std::uint64_t guesses = 0x6775657373;  // keeps these draws apart from those of the views
  Draws draws(seed ^ guesses, key, number / 2);
  const sudoku::Choice& choice = open[draws.below(open.size())];
  const auto [cell, digit] = choice[(draws.below(fewest) + number % 2) % fewest];
  grid[cell] = digit;
}

Variant as_given(Tokens question, std::size_t vocab_size) {
  return {same_view(question.size(), vocab_size), {question.begin(), question.end()}};
}

Variant sudoku_variant(bool guesses, const sudoku::Alphabet& alphabet, Tokens question, std::uint64_t seed,
                       std::uint32_t attempt) {
  if (attempt == 1) return as_given(question, static_cast<std::size_t>(alphabet.vocab_size()));
  const std::uint64_t key = puzzle_key(question);
  Draws draws(seed, key, attempt);
  Variant variant{sudoku_view(draws, alphabet), std::vector<std::int32_t>(question.size())};
  sudoku::Grid grid = alphabet.from_tokens(question);
  if (guesses) guess(grid, seed, key, attempt - 2);
  std::vector<std::int32_t> asked(question.size());
  alphabet.to_tokens(grid, asked);
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

PuzzleKind sudoku_kind(bool guesses, const sudoku::Alphabet& alphabet) {
  PuzzleKind kind;
  kind.faults = [alphabet](Tokens question, Tokens answer) {
    return sudoku::fault_count(alphabet.from_tokens(question), alphabet.from_tokens(answer));
  };
  kind.contradicts = [alphabet](Tokens question) { return sudoku::contradicts(alphabet.from_tokens(question)); };
  kind.variant = [guesses, alphabet](Tokens question, std::uint64_t seed, std::uint32_t attempt) {
    return sudoku_variant(guesses, alphabet, question, seed, attempt);
  };
  kind.tries = 14;
  kind.steps = 10;
  kind.hopeless = 18;
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

std::optional<PuzzleKind> kind_of(const Hyperparameters& model, bool guesses) {
  const auto board = board_of(model);
  if (!board) return std::nullopt;
  return board->alphabet ? sudoku_kind(guesses, *board->alphabet) : maze_kind(board->side);
}

SolveOptions options_of(const PuzzleKind& kind, const Hyperparameters& model, const RunOptions& run,
                        std::size_t tries) {
  SolveOptions options{.run = run, .tries = tries > 0 ? tries : kind.tries};
  const bool several = options.tries > 1;
  if (several) options.hopeless = kind.hopeless;
  if (run.steps > 0) return options;
  constexpr std::int64_t trained_for = 16;  // see PuzzleKind::steps
  options.run.steps = several && kind.steps > 0
                          ? std::max<std::int64_t>(1, model.halt_max_steps * kind.steps / trained_for)
                          : model.halt_max_steps;
  return options;
}

}  // namespace trm
