#pragma once
// A grid as a picture inside an HTML page: a PNG image of one pixel a cell, which a browser scales up, in an SVG frame
// of one unit a cell. A grid of 30 x 30 random cells takes 900 bytes, where rectangles would take ten times as many.

#include <string>

#include "arc/grid.hpp"

namespace trm::arc {

// Marks the cells of `grid` in which `truth` differs, and none if `truth` is null or of another size. The page must
// hold the patterns and styles of report_style.
[[nodiscard]] std::string picture(const Grid& grid, const Grid* truth = nullptr);

// The number of cells in which two grids of one size differ; -1 if their sizes differ.
[[nodiscard]] std::int64_t differences(const Grid& a, const Grid& b);

}  // namespace trm::arc
