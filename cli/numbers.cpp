#include "cli/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace trm {

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string shortest(float value) {
  std::array<char, 64> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string percent(double share) {
  return fixed(100 * share, 2) + " %";
}

std::string column(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

}  // namespace trm
