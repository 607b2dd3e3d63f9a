#pragma once
// Grids and names as JSON text, spaced as Python's json.dump does, so that files compare byte for byte.

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "arc/grid.hpp"

namespace trm::arc {

[[nodiscard]] std::string to_json(const Grid& grid);  // "[[0, 1], [2, 3]]"; "[]" without rows
// Quoted, all but ASCII escaped. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

// Rows of equal length, sides 1 to 30, colours 0 to 9; throws Error(input) naming `file`, `place` and the row.
[[nodiscard]] Grid grid_of(const nlohmann::json& value, const std::string& file, const std::string& place);

}  // namespace trm::arc
