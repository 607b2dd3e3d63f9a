#pragma once
// Grids as a model reads and writes them: 30 x 30 cells, 0 padding, 1 end of grid, colour + 2.

#include <cstdint>
#include <span>

#include "arc/grid.hpp"

namespace trm::arc {

inline constexpr std::int64_t cells = largest_side * largest_side;
inline constexpr std::int64_t vocab_size = colours + 2;
inline constexpr std::int32_t padding = 0;

// The grid at the top left, a row of 1s under it and a column of 1s right of it where there is room. `tokens` [cells].
void write_tokens(const Grid& grid, std::span<std::int32_t> tokens);

// The largest rectangle at the top left whose tokens are all colours, scanned row by row with the width never
// growing, first maximum kept (the reference evaluator's rule); may have no rows. `tokens` [cells].
[[nodiscard]] Grid crop(std::span<const std::uint8_t> tokens);

}  // namespace trm::arc
