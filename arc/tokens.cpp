#include "arc/tokens.hpp"

#include <algorithm>

namespace trm::arc {
namespace {

constexpr std::int32_t end_of_grid = 1;
constexpr std::uint8_t first_colour = 2;

std::size_t place_of(std::int64_t row, std::int64_t col) {
  return static_cast<std::size_t>(row * largest_side + col);
}

}  // namespace

void write_tokens(const Grid& grid, std::span<std::int32_t> tokens) {
  std::fill(tokens.begin(), tokens.end(), padding);
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    for (std::int64_t col = 0; col < grid.cols; ++col) {
      tokens[place_of(row, col)] = grid.cells[static_cast<std::size_t>(row * grid.cols + col)] + first_colour;
    }
    if (grid.cols < largest_side) tokens[place_of(row, grid.cols)] = end_of_grid;
  }
  if (grid.rows == largest_side) return;
  for (std::int64_t col = 0; col < grid.cols; ++col) tokens[place_of(grid.rows, col)] = end_of_grid;
}

Grid crop(std::span<const std::uint8_t> tokens) {
  Grid largest;
  std::int64_t width = largest_side;
  for (std::int64_t rows = 1; rows <= largest_side && width > 0; ++rows) {
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
