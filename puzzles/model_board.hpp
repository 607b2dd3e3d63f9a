#pragma once
// Sudokus and mazes alike, for interfaces that take either: the puzzles of one board as text and as tokens, and what
// breaks their rules.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/line_source.hpp"
#include "models/hyperparameters.hpp"
#include "puzzles/sudoku.hpp"
#include "puzzles/views.hpp"

namespace trm {

// What the cells and the tokens of a model stand for.
struct ModelBoard {
  std::size_t side = sudoku::side;                // cells a row of the puzzle
  std::optional<sudoku::Alphabet> alphabet = {};  // of a sudoku; nothing: a maze

  [[nodiscard]] std::size_t cells() const { return alphabet ? alphabet->cells() : side * side; }  // S
  [[nodiscard]] std::int64_t vocab_size() const;                                                  // V
};

[[nodiscard]] ModelBoard sudoku_board_of(const sudoku::Alphabet& alphabet);
// The board of a model of these sizes; nothing where it reads neither sudokus nor mazes.
[[nodiscard]] std::optional<ModelBoard> board_of(const Hyperparameters& model);

// Gives the tokens [S] of every puzzle of a text to `take`. Throws what sudoku::Reader and maze::Reader throw.
void read_puzzles(const ModelBoard& board, LineSource source, const std::function<void(Tokens)>& take);

// A sudoku as one line, a maze as a line a row.
[[nodiscard]] std::string puzzle_text(const ModelBoard& board, Tokens puzzle);

// Everything that keeps `answer` from solving `question`, in words. Empty: solved.
[[nodiscard]] std::vector<std::string> puzzle_faults(const ModelBoard& board, Tokens question, Tokens answer);

}  // namespace trm
