#include "cli/shares.hpp"

#include <algorithm>

#include "cli/numbers.hpp"

namespace trm {

double share(std::size_t count, std::size_t of) {
  return static_cast<double>(count) / std::max(1.0, static_cast<double>(of));
}

nlohmann::ordered_json exact_json(std::size_t count, std::size_t of) {
  const Interval interval = wilson_interval(count, of);
  return {{"exact", share(count, of)}, {"exact_count", count}, {"interval", {interval.low, interval.high}}};
}

std::string exact_text(std::size_t count, std::size_t of) {
  return percent(share(count, of)) + " (" + std::to_string(count) + " of " + std::to_string(of) + "; 95 % interval " +
         interval_text(wilson_interval(count, of)) + ")";
}

std::string interval_text(const Interval& interval) {
  return percent(interval.low) + " to " + percent(interval.high);
}

}  // namespace trm
