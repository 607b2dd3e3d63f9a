#pragma once
// A puzzle seen otherwise: recoloured, then turned or mirrored. models/puzzle_name.hpp says how data set builders name
// each augmentation.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "arc/grid.hpp"

namespace trm::arc {

struct Augmentation {
  int transform = 0;                                                       // 0..7, see augment()
  std::array<std::uint8_t, colours> colour{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};  // image of each; 0 stays 0

  bool operator==(const Augmentation&) const = default;
};

struct PuzzleName {
  std::string puzzle;  // the plain puzzle's own name
  Augmentation augmentation;
};

// Both dialects of models/puzzle_name.hpp. Throws Error(input) for a name with "|||" whose rest is no augmentation.
[[nodiscard]] PuzzleName parse_puzzle_name(std::string_view name);
// In the dialect of TinyRecursiveModels. The plain puzzle keeps its own name.
[[nodiscard]] std::string puzzle_name(std::string_view puzzle, const Augmentation& augmentation);

// Recolours, then transforms: 0 identity, 1 rot90, 2 rot180, 3 rot270 (counter-clockwise), 4 flip left-right,
// 5 flip up-down, 6 transpose, 7 rot90 then flip left-right.
[[nodiscard]] Grid augment(const Grid& grid, const Augmentation& augmentation);
// undo(augment(grid, a), a) == grid.
[[nodiscard]] Grid undo(const Grid& grid, const Augmentation& augmentation);

}  // namespace trm::arc
