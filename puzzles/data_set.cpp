#include "puzzles/data_set.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "io/text.hpp"
#include "puzzles/data_set_folder.hpp"
#include "puzzles/maze.hpp"
#include "puzzles/model_board.hpp"
#include "puzzles/same_puzzles.hpp"
#include "puzzles/sudoku.hpp"

namespace trm {
namespace {

// Puzzles with answers, of either kind, as a data set.
template <class Puzzle>
DataSet from_puzzles(std::vector<Puzzle> read, const std::string& name, std::size_t cells,
                     std::function<void(const decltype(Puzzle::question)&, std::span<std::int32_t>)> to_tokens) {
  for (const Puzzle& puzzle : read) {
    if (puzzle.answer) continue;
    throw input_error(name, "line " + std::to_string(puzzle.line), "the puzzle has no answer",
                      "an evaluation needs a CSV with the columns question and answer");
  }
  auto puzzles = std::make_shared<const std::vector<Puzzle>>(std::move(read));
  return {.name = name, .examples = puzzles->size(), .read = [=](std::size_t first, std::size_t count) {
            Batch batch{std::vector<std::int32_t>(count * cells), std::vector<std::int32_t>(count * cells),
                        std::vector<std::int64_t>(count, 0)};
            for (std::size_t i = 0; i < count; ++i) {
              const Puzzle& puzzle = (*puzzles)[first + i];
              to_tokens(puzzle.question, std::span(batch.inputs).subspan(i * cells, cells));
              to_tokens(*puzzle.answer, std::span(batch.labels).subspan(i * cells, cells));
            }
            std::ranges::replace(batch.labels, 0, ignored_label);  // padding around a board is not asked for
            return batch;
          }};
}

DataSet from_table(const std::string& path, const Hyperparameters& model, const std::string& model_name) {
  const std::string name = text_name(path);
  const auto board = board_of(model);
  if (!board) {
    throw input_error(name, "", "a CSV holds sudokus or mazes, and " + model_name + " reads neither",
                      "give an official data set folder");
  }
  const std::string text = read_text(path);
  if (!board->alphabet) {
    return from_puzzles(maze::parse(text, name, board->side), name, board->cells(), maze::to_tokens);
  }
  return from_puzzles(sudoku::parse(text, name, board->alphabet->shape), name, board->cells(),
                      [alphabet = *board->alphabet](const sudoku::Grid& grid, std::span<std::int32_t> out) {
                        alphabet.to_tokens(grid, out);
                      });
}

}  // namespace

void require_fit(const Hyperparameters& model, const std::string& model_name, const std::string& what,
                 std::int64_t cells, std::int64_t vocab_size) {
  if (model.seq_len == cells && model.vocab_size == vocab_size) return;
  const auto sizes = [](std::int64_t s, std::int64_t v) {
    return std::to_string(s) + " cells of " + std::to_string(v) + " tokens";
  };
  throw input_error(
      model_name, "",
      "the model reads " + sizes(model.seq_len, model.vocab_size) + ", " + what + " has " + sizes(cells, vocab_size),
      "give the model that was trained for it");
}

DataSet open_data_set(const std::string& path, const Hyperparameters& model, const std::string& model_name) {
  return std::filesystem::is_directory(path) ? open_data_set_folder(path, model, model_name)
                                             : from_table(path, model, model_name);
}

DataSet open_data_set(const std::string& path, const Model& model, const std::string& model_name) {
  DataSet data = open_data_set(path, model.hyperparameters(), model_name);
  if (std::filesystem::is_directory(path)) require_same_puzzles(path, model, model_name);
  return data;
}

}  // namespace trm
