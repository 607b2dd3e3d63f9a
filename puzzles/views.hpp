#pragma once
// Views of a puzzle: the same puzzle with its cells in other places and its symbols renamed, so that an answer to the
// view is an answer to the puzzle. A model that fails on a puzzle may well solve one of its views.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "puzzles/sudoku.hpp"

namespace trm {

using Tokens = std::span<const std::int32_t>;  // [S]

// Random numbers of one try of one puzzle. They depend on the seed, the puzzle and the try alone: neither threads nor
// the order of puzzles change them.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t puzzle_key, std::uint32_t attempt);
  [[nodiscard]] std::size_t below(std::size_t end);  // uniform in [0, end)
  template <class T, std::size_t n>
  void shuffle(std::span<T, n> values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t puzzle_key_;
  std::uint32_t attempt_;
  std::uint32_t drawn_ = 0;
};

// A number for a puzzle, the same wherever the puzzle stands.
[[nodiscard]] std::uint64_t puzzle_key(Tokens question);

struct View {
  std::vector<std::size_t> cells;    // [S] cell i of the view is cell cells[i] of the puzzle
  std::vector<std::int32_t> tokens;  // [V] token t of the puzzle is token tokens[t] of the view
};

[[nodiscard]] View same_view(std::size_t cells, std::size_t vocab_size);

// From the puzzle to its view, and back. [S] each.
void apply(const View& view, Tokens puzzle, std::span<std::int32_t> shown);
void undo(const View& view, Tokens shown, std::span<std::int32_t> puzzle);

// One of the symmetries of sudoku (of 9x9 there are 9! * 2 * 6^8): digits renamed; rows within bands, bands, columns
// within stacks and stacks permuted; the grid transposed where its boxes are squares.
[[nodiscard]] View sudoku_view(Draws& draws, const sudoku::Alphabet& alphabet = {});

// One of the eight symmetries of the square, 0 to 7; 0 is the maze as it is.
inline constexpr std::size_t maze_views = 8;
[[nodiscard]] View maze_view(std::size_t side, std::size_t symmetry);

}  // namespace trm
