#include "arc/model_task.hpp"

#include "arc/tokens.hpp"
#include "puzzles/model_board.hpp"

namespace trm::arc {

std::string_view task_of(const Hyperparameters& model) {
  if (const auto board = board_of(model)) return board->alphabet ? "sudoku" : "maze";
  if (model.vocab_size == vocab_size && canvas_side(static_cast<std::size_t>(model.seq_len)) > 0) return "arc";
  return "";
}

}  // namespace trm::arc
