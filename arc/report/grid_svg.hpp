#pragma once
// A grid as an inline SVG picture, without its size: a unit a cell, classes c0 to c9 for the colours (report.cpp has
// their style).

#include <string>

#include "arc/grid.hpp"

namespace trm::arc {

[[nodiscard]] std::string to_svg(const Grid& grid);

}  // namespace trm::arc
