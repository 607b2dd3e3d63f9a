#include "models/residual.hpp"

#include <algorithm>
#include <cmath>

namespace trm {

double change_of_logits(std::span<const float> before, std::span<const float> after, std::int64_t vocab_size) {
  const auto v = static_cast<std::size_t>(vocab_size);
  double sum = 0;
  for (std::size_t first = 0; first < after.size(); first += v) {
    double squares = 0;
    for (std::size_t i = first; i < first + v; ++i) {
      const double change = static_cast<double>(after[i]) - static_cast<double>(before[i]);
      squares += change * change;
    }
    sum += std::sqrt(squares);
  }
  return sum / (static_cast<double>(after.size()) / static_cast<double>(v));
}

double Residual::value() const {
  const std::size_t used = std::min(count_, window);
  double sum = 0;
  for (std::size_t i = 0; i < used; ++i) sum += changes_[i];
  return used > 0 ? sum / static_cast<double>(used) : 0;
}

}  // namespace trm
