#include "arc/report/grid_svg.hpp"

#include <array>

namespace trm::arc {
namespace {

// For each colour the runs of its cells, as strokes one unit wide: "M2 0.5h3".
std::array<std::string, colours> runs_by_colour(const Grid& grid) {
  std::array<std::string, colours> runs;
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    const std::uint8_t* cells = grid.cells.data() + row * grid.cols;
    for (std::int64_t begin = 0; begin < grid.cols;) {
      std::int64_t end = begin + 1;
      while (end < grid.cols && cells[end] == cells[begin]) ++end;
      runs[cells[begin]] +=
          "M" + std::to_string(begin) + " " + std::to_string(row) + ".5h" + std::to_string(end - begin);
      begin = end;
    }
  }
  return runs;
}

// The lines between cells.
std::string lines(const Grid& grid) {
  const std::string down = "v" + std::to_string(grid.rows);
  const std::string across = "h" + std::to_string(grid.cols);
  std::string path;
  for (std::int64_t col = 0; col <= grid.cols; ++col) path += "M" + std::to_string(col) + " 0" + down;
  for (std::int64_t row = 0; row <= grid.rows; ++row) path += "M0 " + std::to_string(row) + across;
  return path;
}

}  // namespace

std::string to_svg(const Grid& grid) {
  if (grid.cells.empty()) return "<span class=none>an empty grid</span>";
  const std::string size = std::to_string(grid.rows) + " x " + std::to_string(grid.cols);
  std::string svg = "<svg role=img aria-label='" + size + "' style='--w:" + std::to_string(grid.cols) +
                    "' viewBox='0 0 " + std::to_string(grid.cols) + " " + std::to_string(grid.rows) + "'>";
  const auto runs = runs_by_colour(grid);
  for (std::size_t colour = 0; colour < runs.size(); ++colour) {
    if (!runs[colour].empty()) svg += "<path class=c" + std::to_string(colour) + " d='" + runs[colour] + "'/>";
  }
  return svg + "<path class=l d='" + lines(grid) + "'/></svg>";
}

}  // namespace trm::arc
