#include "quant/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace trm {

Interval wilson_interval(std::size_t successes, std::size_t trials) {
  if (trials == 0) return {};
  return mean_interval(static_cast<double>(successes) / static_cast<double>(trials), trials);
}

Interval mean_interval(double mean, std::size_t count) {
  if (count == 0) return {};
  constexpr double z = 1.959963984540054;  // the normal distribution's 97.5 % point
  const auto n = static_cast<double>(count);
  const double centre = mean + z * z / (2 * n);
  const double reach = z * std::sqrt(mean * (1 - mean) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  // Where all or none are right the end is exactly 1 or 0; computed, it would be off by a rounding error.
  return {mean <= 0 ? 0.0 : (centre - reach) / scale, mean >= 1 ? 1.0 : (centre + reach) / scale};
}

double mcnemar_p(std::size_t only_first, std::size_t only_second) {
  const std::size_t fewer = std::min(only_first, only_second);
  const auto n = static_cast<double>(only_first + only_second);
  // The binomial coefficients, halved n times, by their logarithms: n may be in the thousands.
  double tail = 0;
  double log_term = -n * std::log(2.0);
  for (std::size_t k = 0; k <= fewer; ++k) {
    tail += std::exp(log_term);
    log_term += std::log((n - static_cast<double>(k)) / static_cast<double>(k + 1));
  }
  return std::min(1.0, 2 * tail);
}

void PairedCount::add(bool first_right, bool second_right) {
  puzzles += 1;
  first += first_right ? 1 : 0;
  second += second_right ? 1 : 0;
  only_first += first_right && !second_right ? 1 : 0;
  only_second += second_right && !first_right ? 1 : 0;
}

}  // namespace trm
