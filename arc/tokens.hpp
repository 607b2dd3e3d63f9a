#pragma once
// Grids as a model reads and writes them: a canvas of side x side tokens, 30 x 30 in the official data set; 0 is
// padding, 1 the end of the grid, colour c is c + 2.

#include <cstddef>
#include <cstdint>
#include <span>

#include "arc/grid.hpp"

namespace trm::arc {

inline constexpr std::int64_t cells = largest_side * largest_side;  // of the official canvas
inline constexpr std::int64_t vocab_size = colours + 2;
inline constexpr std::int32_t padding = 0;

// The side of a canvas of so many tokens; 0 where they are no square, or too many.
[[nodiscard]] std::int64_t canvas_side(std::size_t tokens);

[[nodiscard]] bool fits(const Grid& grid, std::int64_t side);

// Writes the grid at the top left, a row of 1s under it and a column of 1s right of it where there is room. `tokens` is
// a canvas that the grid fits.
void write_tokens(const Grid& grid, std::span<std::int32_t> tokens);

// The largest rectangle at the top left whose tokens are all colours. As in the reference evaluator, rows are scanned
// from the top, the width never grows, and the first of equal areas is kept. It may have no rows. `tokens` is a canvas.
[[nodiscard]] Grid crop(std::span<const std::uint8_t> tokens);

}  // namespace trm::arc
