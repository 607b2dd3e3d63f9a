#pragma once
// Shares of right answers with their 95 % intervals, for people and for programs.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "quant/statistics.hpp"

namespace trm {

// Of `of` examples. 0 of none.
[[nodiscard]] double share(std::size_t count, std::size_t of);

// {"exact": share, "exact_count": count, "interval": [low, high]}
[[nodiscard]] nlohmann::ordered_json exact_json(std::size_t count, std::size_t of);

// "87.40 % (874 of 1000; 95 % interval 85.20 % to 89.31 %)"
[[nodiscard]] std::string exact_text(std::size_t count, std::size_t of);

// "85.20 % to 89.31 %"
[[nodiscard]] std::string interval_text(const Interval& interval);

}  // namespace trm
