#include "arc/tokens.hpp"

#include <algorithm>

#include "models/hyperparameters.hpp"

namespace trm::arc {
namespace {

constexpr std::int32_t end_of_grid = 1;
constexpr std::uint8_t first_colour = 2;

}  // namespace

std::int64_t canvas_side(std::size_t tokens) {
  if (tokens > static_cast<std::size_t>(cells)) return 0;
  return board_side(static_cast<std::int64_t>(tokens)).value_or(0);
}

bool fits(const Grid& grid, std::int64_t side) {
  return grid.rows <= side && grid.cols <= side;
}

void write_tokens(const Grid& grid, std::span<std::int32_t> tokens) {
  const std::int64_t side = canvas_side(tokens.size());
  const auto place_of = [side](std::int64_t row, std::int64_t col) {
    return static_cast<std::size_t>(row * side + col);
  };
  std::fill(tokens.begin(), tokens.end(), padding);
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    for (std::int64_t col = 0; col < grid.cols; ++col) {
      tokens[place_of(row, col)] = grid.cells[static_cast<std::size_t>(row * grid.cols + col)] + first_colour;
    }
    if (grid.cols < side) tokens[place_of(row, grid.cols)] = end_of_grid;
  }
  if (grid.rows == side) return;
  for (std::int64_t col = 0; col < grid.cols; ++col) tokens[place_of(grid.rows, col)] = end_of_grid;
}

Grid crop(std::span<const std::uint8_t> tokens) {
  Grid largest;
  const std::int64_t side = canvas_side(tokens.size());
  const auto place_of = [side](std::int64_t row, std::int64_t col) {
    return static_cast<std::size_t>(row * side + col);
  };
  std::int64_t width = side;
  for (std::int64_t rows = 1; rows <= side && width > 0; ++rows) {
    std::int64_t col = 0;
    while (col < width && tokens[place_of(rows - 1, col)] >= first_colour &&
           tokens[place_of(rows - 1, col)] < vocab_size) {
      ++col;
    }
    width = col;
    if (rows * width > largest.rows * largest.cols) {
      largest.rows = rows;
      largest.cols = width;
    }
  }
  largest.cells.reserve(static_cast<std::size_t>(largest.rows * largest.cols));
  for (std::int64_t row = 0; row < largest.rows; ++row) {
    for (std::int64_t col = 0; col < largest.cols; ++col) {
      largest.cells.push_back(static_cast<std::uint8_t>(tokens[place_of(row, col)] - first_colour));
    }
  }
  return largest;
}

}  // namespace trm::arc
