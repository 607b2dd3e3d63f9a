#pragma once
// What a run cost: time since a moment, and the most memory the process ever held.

#include <chrono>
#include <cstdint>
#include <string>

namespace trm {

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

[[nodiscard]] std::int64_t peak_rss_bytes();

// For people: "0.52 s", "3 min 5 s", "2 h 14 min"; "34 MB".
[[nodiscard]] std::string duration_text(double seconds);
[[nodiscard]] std::string size_text(std::int64_t bytes);

}  // namespace trm
