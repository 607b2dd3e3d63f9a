#include "arc/grid_json.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace trm::arc {

std::string to_json(const Grid& grid) {
  std::string text = "[";
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    text += row == 0 ? "[" : ", [";
    for (std::int64_t col = 0; col < grid.cols; ++col) {
      if (col > 0) text += ", ";
      text += static_cast<char>('0' + grid.cells[static_cast<std::size_t>(row * grid.cols + col)]);
    }
    text += ']';
  }
  return text + ']';
}

std::string json_string(std::string_view text) {
  constexpr bool ascii_only = true;
  return nlohmann::json(text).dump(-1, ' ', ascii_only, nlohmann::json::error_handler_t::replace);
}

Grid grid_of(const nlohmann::json& value, const std::string& file, const std::string& place) {
  const auto side = [](const nlohmann::json& array) { return static_cast<std::int64_t>(array.size()); };
  const auto fail = [&](const std::string& where, const std::string& what) {
    return input_error(file, place + where, what, "a grid is 1 to 30 rows of 1 to 30 colours 0 to 9");
  };
  if (!value.is_array() || value.empty()) throw fail("", value.is_array() ? "is an empty grid" : "is no grid");
  if (side(value) > largest_side) throw fail("", "has " + std::to_string(value.size()) + " rows");
  Grid grid{side(value), 0, {}};
  for (const nlohmann::json& row : value) {
    const std::string where = ", row " + std::to_string(&row - &value.front() + 1);
    if (!row.is_array() || row.empty()) throw fail(where, row.is_array() ? "is empty" : "is no row of colours");
    if (side(row) > largest_side) throw fail(where, "has " + std::to_string(row.size()) + " cells");
    if (grid.cols == 0) grid.cols = side(row);
    if (side(row) != grid.cols) {
      throw fail(where, "has " + std::to_string(row.size()) + " cells, the first has " + std::to_string(grid.cols));
    }
    for (const nlohmann::json& cell : row) {
      // Read as unsigned, a negative number is a large one.
      if (!cell.is_number_integer() || cell.get<std::uint64_t>() >= colours) {
        throw fail(where + ", cell " + std::to_string(&cell - &row.front() + 1), "is no colour");
      }
      grid.cells.push_back(cell.get<std::uint8_t>());
    }
  }
  return grid;
}

}  // namespace trm::arc
