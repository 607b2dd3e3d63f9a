#include "arc/model_task.hpp"

#include "arc/tokens.hpp"
#include "puzzles/maze.hpp"
#include "puzzles/sudoku.hpp"

namespace trm::arc {

std::string_view task_of(const Hyperparameters& model) {
  if (sudoku::alphabet_of(model.seq_len, model.vocab_size)) return "sudoku";
  if (model.vocab_size == vocab_size && canvas_side(static_cast<std::size_t>(model.seq_len)) > 0) return "arc";
  if (model.vocab_size == maze::vocab_size && maze::side_of(model.seq_len)) return "maze";
  return "";
}

}  // namespace trm::arc
