#pragma once
// Augmentations of a puzzle: its grids are recoloured, then turned or mirrored. models/puzzle_name.hpp tells how the
// data set builders name them.

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

// The builder in whose form an augmentation is named.
enum class NameDialect : std::uint8_t {
  trm,  // TinyRecursiveModels: "<puzzle>|||t3|||0987654321"
  hrm,  // HRM: "<puzzle>_t3_0987654321"
};

struct PuzzleName {
  std::string puzzle;  // the plain puzzle's own name
  Augmentation augmentation;
  NameDialect dialect = NameDialect::trm;
};

// Throws Error(input) for a name with "|||" whose rest is no augmentation. A task's own name may look like an
// augmentation in HRM's form: callers compare names with their tasks first.
[[nodiscard]] PuzzleName parse_puzzle_name(std::string_view name);
// The plain puzzle keeps its own name.
[[nodiscard]] std::string puzzle_name(std::string_view puzzle, const Augmentation& augmentation,
                                      NameDialect dialect = NameDialect::trm);

// Recolours, then transforms: 0 identity, 1 rot90, 2 rot180, 3 rot270 (counter-clockwise), 4 flip left-right,
// 5 flip up-down, 6 transpose, 7 rot90 then flip left-right.
[[nodiscard]] Grid augment(const Grid& grid, const Augmentation& augmentation);
// undo(augment(grid, a), a) == grid.
[[nodiscard]] Grid undo(const Grid& grid, const Augmentation& augmentation);

}  // namespace trm::arc
