#include "puzzles/model_board.hpp"

#include <utility>

#include "puzzles/maze.hpp"

namespace trm {
namespace {

template <class Reader, class ToTokens>
void read_all(Reader reader, std::size_t cells, const ToTokens& to_tokens, const std::function<void(Tokens)>& take) {
  std::vector<std::int32_t> tokens(cells);
  while (const auto puzzle = reader.next()) {
    to_tokens(puzzle->question, tokens);
    take(tokens);
  }
}

}  // namespace

std::int64_t ModelBoard::vocab_size() const {
  return alphabet ? alphabet->vocab_size() : maze::vocab_size;
}

ModelBoard sudoku_board_of(const sudoku::Alphabet& alphabet) {
  return {.side = alphabet.shape.side, .alphabet = alphabet};
}

std::optional<ModelBoard> board_of(const Hyperparameters& model) {
  if (const auto alphabet = sudoku::alphabet_of(model.seq_len, model.vocab_size)) return sudoku_board_of(*alphabet);
  const auto side = maze::side_of(model.seq_len);
  if (side && model.vocab_size == maze::vocab_size) return ModelBoard{.side = *side};
  return std::nullopt;
}

void read_puzzles(const ModelBoard& board, LineSource source, const std::function<void(Tokens)>& take) {
  if (!board.alphabet) {
    return read_all(maze::Reader(std::move(source), board.side), board.cells(), maze::to_tokens, take);
  }
  const sudoku::Alphabet& alphabet = *board.alphabet;
  read_all(
      sudoku::Reader(std::move(source), alphabet.shape), board.cells(),
      [&](const sudoku::Grid& grid, std::span<std::int32_t> out) { alphabet.to_tokens(grid, out); }, take);
}

std::string puzzle_text(const ModelBoard& board, Tokens puzzle) {
  return board.alphabet ? sudoku::to_line(board.alphabet->from_tokens(puzzle))
                        : maze::to_text(maze::from_tokens(puzzle));
}

std::vector<std::string> puzzle_faults(const ModelBoard& board, Tokens question, Tokens answer) {
  if (!board.alphabet) return maze::check(maze::from_tokens(question), maze::from_tokens(answer)).faults;
  return sudoku::faults(board.alphabet->from_tokens(question), board.alphabet->from_tokens(answer));
}

}  // namespace trm
