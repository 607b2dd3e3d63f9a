#pragma once
// Results as JSON, an object a line on stdout.

#include <nlohmann/json.hpp>
#include <string>

namespace trm {

// Of every object's names and their meaning, as docs/json.md explains them. A new name leaves it; a name that goes, or
// means something else, adds one.
inline constexpr int json_schema = 1;

// The object with "schema" in front. Names of files and tensors may hold bytes that are no UTF-8: each becomes U+FFFD.
[[nodiscard]] inline std::string json_line(const nlohmann::ordered_json& value) {
  if (!value.is_object()) return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  nlohmann::ordered_json whole{{"schema", json_schema}};
  whole.update(value);
  return whole.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace trm
