#pragma once
// Grids as a model reads and writes them: 30 x 30 tokens; 0 is padding, 1 the end of the grid, colour c is c + 2.

#include <cstdint>
#include <span>

#include "arc/grid.hpp"

namespace trm::arc {

inline constexpr std::int64_t cells = largest_side * largest_side;
inline constexpr std::int64_t vocab_size = colours + 2;
inline constexpr std::int32_t padding = 0;

// Writes the grid at the top left, a row of 1s under it and a column of 1s right of it where there is room.
// `tokens` [cells].
void write_tokens(const Grid& grid, std::span<std::int32_t> tokens);

// The largest rectangle at the top left whose tokens are all colours. As in the reference evaluator, rows are scanned
// from the top, the width never grows, and the first of equal areas is kept. It may have no rows. `tokens` [cells].
[[nodiscard]] Grid crop(std::span<const std::uint8_t> tokens);

}  // namespace trm::arc
