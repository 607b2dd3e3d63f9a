#pragma once
// Results as JSON, an object a line on stdout.

#include <nlohmann/json.hpp>
#include <string>

namespace trm {

// Names of files and tensors may hold bytes that are no UTF-8: each becomes U+FFFD.
[[nodiscard]] inline std::string json_line(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace trm
