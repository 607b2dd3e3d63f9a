// Puzzles as text and as tokens, and their rules.

#include <algorithm>
#include <utility>

#include "capi/guard.hpp"
#include "puzzles/model_board.hpp"
#include "puzzles/sudoku.hpp"

namespace trm::capi {
namespace {

constexpr std::int64_t largest_side = 1 << 15;

ModelBoard sudoku_board(int kind, std::int64_t side) {
  const auto shape = sudoku::shape_of(side == 0 ? sudoku::side : static_cast<std::size_t>(side));
  if (!shape) refuse("side", std::to_string(side) + " is the side of no sudoku", "give 4, 6, 9, 16 or 25, or 0 for 9");
  return sudoku_board_of({.blank = kind == TRM_SUDOKU ? 1 : 2,
                          .shape = *shape,
                          .width = shape->side + (kind == TRM_SUDOKU_NANO_PADDED ? sudoku::nano_margin : 0)});
}

ModelBoard asked_board(int kind, std::int64_t side) {
  if (kind == TRM_SUDOKU || kind == TRM_SUDOKU_NANO || kind == TRM_SUDOKU_NANO_PADDED) return sudoku_board(kind, side);
  if (kind != TRM_MAZE) refuse("kind", std::to_string(kind) + " is no trm_puzzle_kind");
  if (side < 1 || side > largest_side) {
    refuse("side", std::to_string(side) + " is the side of no maze", "give the cells of a row");
  }
  return {.side = static_cast<std::size_t>(side)};
}

Tokens tokens_of(const ModelBoard& board, const std::int32_t* tokens, const char* name) {
  const Tokens all(&required(tokens, name), board.cells());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] >= 0 && all[i] < board.vocab_size()) continue;
    throw input_error("", std::string(name) + ", cell " + std::to_string(i),
                      "token " + std::to_string(all[i]) + " is not in the vocabulary",
                      "0 to " + std::to_string(board.vocab_size() - 1) + " are");
  }
  return all;
}

// Hands out the puzzles' tokens while there is room. Returns how many puzzles there are.
std::size_t read_all(const ModelBoard& board, LineSource source, std::int32_t* tokens, std::size_t capacity) {
  std::size_t count = 0;
  read_puzzles(board, std::move(source), [&](Tokens puzzle) {
    if (tokens != nullptr && count < capacity) std::ranges::copy(puzzle, tokens + count * puzzle.size());
    count += 1;
  });
  return count;
}

}  // namespace
}  // namespace trm::capi

trm_status trm_puzzles_read(trm_puzzle_kind kind, int64_t side, const char* text, size_t length, const char* name,
                            int32_t* tokens, size_t capacity, size_t* count, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    std::size_t& out = required(count, "count");
    out = 0;
    const trm::ModelBoard board = asked_board(number_of(kind), side);
    const std::string_view all(&required(text, "text"), length);
    auto source = trm::LineSource::text(all, name == nullptr ? "text" : name);
    out = read_all(board, std::move(source), tokens, capacity);
    if (tokens != nullptr && out > capacity) {
      refuse("capacity", std::to_string(capacity) + " puzzles, but the text has " + std::to_string(out),
             "count them first, without tokens");
    }
  });
}

trm_status trm_puzzle_write(trm_puzzle_kind kind, int64_t side, const int32_t* tokens, char* text, size_t capacity,
                            size_t* length, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    const trm::ModelBoard board = asked_board(number_of(kind), side);
    const trm::Tokens all = tokens_of(board, tokens, "tokens");
    write_text(trm::puzzle_text(board, all), text, capacity, length);
  });
}

trm_status trm_puzzle_check(trm_puzzle_kind kind, int64_t side, const int32_t* question, const int32_t* answer,
                            size_t* faults, char* text, size_t capacity, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    const trm::ModelBoard board = asked_board(number_of(kind), side);
    const auto found =
        trm::puzzle_faults(board, tokens_of(board, question, "question"), tokens_of(board, answer, "answer"));
    required(faults, "faults") = found.size();
    write_text(found.empty() ? "" : found.front(), text, capacity, nullptr);
  });
}
