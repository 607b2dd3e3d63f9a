#pragma once
// An ARC grid.

#include <cstdint>
#include <vector>

namespace trm::arc {

inline constexpr std::int64_t largest_side = 30;
inline constexpr std::uint8_t colours = 10;

struct Grid {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<std::uint8_t> cells;  // [rows, cols], colours 0..9

  bool operator==(const Grid&) const = default;
};

}  // namespace trm::arc
