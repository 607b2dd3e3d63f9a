#pragma once
// "[97, 512]": a shape in messages.

#include <cstdint>
#include <span>
#include <string>

namespace trm {

[[nodiscard]] inline std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace trm
