#pragma once
// Tables for people: every column as wide as its widest cell, numbers at its right edge, the heading above them.

#include <string>
#include <vector>

#include "quant/statistics.hpp"

namespace trm {

using TableRow = std::vector<std::string>;

// The first row holds the headings.
[[nodiscard]] std::string table_text(const std::vector<TableRow>& rows);

// "87.4 % ± 2.1", of half the interval's width; `wide`: "87.40 % (85.20 % to 89.31 %)".
[[nodiscard]] std::string share_text(double share, const Interval& interval, bool wide);

}  // namespace trm
