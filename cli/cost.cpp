#include "cli/cost.hpp"

#include <cmath>

#include "cli/numbers.hpp"
#include "cli/system.hpp"

namespace trm {

std::int64_t peak_rss_bytes() {
  return system::peak_memory_bytes();
}

std::string duration_text(double seconds) {
  if (seconds < 60) return fixed(seconds, seconds < 10 ? 2 : 1) + " s";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

std::string size_text(std::int64_t bytes) {
  return bytes < 1'000'000 ? std::to_string(bytes / 1000) + " kB" : std::to_string(bytes / 1'000'000) + " MB";
}

}  // namespace trm
