#pragma once
// The models that are inside the program, so that it works without any file.

#include <cstddef>
#include <span>

namespace trm {

// The bytes of a model file; Model::load reads them where they are.
[[nodiscard]] std::span<const std::byte> bundled_sudoku_model();  // 9x9
[[nodiscard]] std::span<const std::byte> bundled_maze_model();    // 11x11

}  // namespace trm
