#include "puzzles/views.hpp"

#include <numeric>

#include "puzzles/maze.hpp"
#include "puzzles/sudoku.hpp"
#include "runtime/noise.hpp"

namespace trm {
namespace {

std::uint32_t low(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
std::uint32_t high(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}

// The rows (or columns) in a new order that keeps bands together. `in_band`: rows of a band.
std::vector<std::size_t> band_order(Draws& draws, std::size_t rows, std::size_t in_band) {
  std::vector<std::size_t> bands(rows / in_band), within(in_band), order(rows);
  std::iota(bands.begin(), bands.end(), std::size_t{0});
  draws.shuffle(std::span(bands));
  for (std::size_t band = 0; band < bands.size(); ++band) {
    std::iota(within.begin(), within.end(), std::size_t{0});
    draws.shuffle(std::span(within));
    for (std::size_t row = 0; row < in_band; ++row) order[band * in_band + row] = bands[band] * in_band + within[row];
  }
  return order;
}

}  // namespace

Draws::Draws(std::uint64_t seed, std::uint64_t puzzle_key, std::uint32_t attempt)
    : seed_(seed), puzzle_key_(puzzle_key), attempt_(attempt) {}

std::size_t Draws::below(std::size_t end) {
  const auto bits = philox({low(puzzle_key_), high(puzzle_key_), attempt_, drawn_++}, {low(seed_), high(seed_)});
  return static_cast<std::size_t>((static_cast<std::uint64_t>(bits[0]) * end) >> 32);
}

std::uint64_t puzzle_key(Tokens question) {
  std::uint64_t key = 0xCBF29CE484222325;  // FNV-1a
  for (const std::int32_t token : question) key = (key ^ static_cast<std::uint64_t>(token)) * 0x100000001B3;
  return key;
}

View same_view(std::size_t cells, std::size_t vocab_size) {
  View view{std::vector<std::size_t>(cells), std::vector<std::int32_t>(vocab_size)};
  std::iota(view.cells.begin(), view.cells.end(), std::size_t{0});
  std::iota(view.tokens.begin(), view.tokens.end(), 0);
  return view;
}

void apply(const View& view, Tokens puzzle, std::span<std::int32_t> shown) {
  for (std::size_t i = 0; i < view.cells.size(); ++i) {
    shown[i] = view.tokens[static_cast<std::size_t>(puzzle[view.cells[i]])];
  }
}

void undo(const View& view, Tokens shown, std::span<std::int32_t> puzzle) {
  std::vector<std::int32_t> original(view.tokens.size());
  for (std::size_t t = 0; t < view.tokens.size(); ++t) {
    original[static_cast<std::size_t>(view.tokens[t])] = static_cast<std::int32_t>(t);
  }
  for (std::size_t i = 0; i < view.cells.size(); ++i) {
    puzzle[view.cells[i]] = original[static_cast<std::size_t>(shown[i])];
  }
}

View sudoku_view(Draws& draws, const sudoku::Alphabet& alphabet) {
  const sudoku::Shape& shape = alphabet.shape;
  View view = same_view(alphabet.cells(), static_cast<std::size_t>(alphabet.vocab_size()));
  const auto first_digit = static_cast<std::size_t>(alphabet.blank) + 1;
  draws.shuffle(std::span(view.tokens).subspan(first_digit));  // padding, marks and blank keep their tokens
  const auto rows = band_order(draws, shape.side, shape.box_rows);
  const auto columns = band_order(draws, shape.side, shape.box_columns);
  const bool transposed = shape.box_rows == shape.box_columns && draws.below(2) == 1;  // else boxes would change
  for (std::size_t row = 0; row < shape.side; ++row) {
    for (std::size_t column = 0; column < shape.side; ++column) {
      const std::size_t r = rows[row], c = columns[column];
      const std::size_t shown = transposed ? c * shape.side + r : r * shape.side + c;
      view.cells[alphabet.place_of(row * shape.side + column)] = alphabet.place_of(shown);
    }
  }
  return view;
}

View maze_view(std::size_t side, std::size_t symmetry) {
  View view = same_view(side * side, static_cast<std::size_t>(maze::vocab_size));
  for (std::size_t row = 0; row < side; ++row) {
    for (std::size_t column = 0; column < side; ++column) {
      const std::size_t r = (symmetry & 1) != 0 ? side - 1 - row : row;
      const std::size_t c = (symmetry & 2) != 0 ? side - 1 - column : column;
      view.cells[row * side + column] = (symmetry & 4) != 0 ? c * side + r : r * side + c;
    }
  }
  return view;
}

}  // namespace trm
