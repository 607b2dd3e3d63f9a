#pragma once
// The names of puzzles in an id table. A data set builder gives each augmentation of a puzzle a name of its own that
// begins with the puzzle's: "<puzzle>|||t<transform>|||<image of 0..9>" (TinyRecursiveModels,
// dataset/build_arc_dataset.py); arc/augmentation.hpp reads the rest.

#include <string_view>

namespace trm {

inline constexpr std::string_view puzzle_name_separator = "|||";

// The puzzle's own name: the part of an augmentation's name before the first separator, or the whole name.
[[nodiscard]] inline std::string_view plain_name(std::string_view name) {
  return name.substr(0, name.find(puzzle_name_separator));
}

}  // namespace trm
