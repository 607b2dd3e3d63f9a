#pragma once
// Numbers for people to read.

#include <cstddef>
#include <string>

namespace trm {

// "%.2f" and the like, as a string.
[[nodiscard]] std::string fixed(double value, int digits);
// The fewest digits that say which number it is: "3", "0.1".
[[nodiscard]] std::string shortest(float value);
// "87.40 %" of a share.
[[nodiscard]] std::string percent(double share);
// Text at the right edge of a column.
[[nodiscard]] std::string column(const std::string& text, std::size_t width);

}  // namespace trm
