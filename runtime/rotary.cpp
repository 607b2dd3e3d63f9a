#include "runtime/rotary.hpp"

#include <cmath>

namespace trm {

RotaryTable rotary_table(std::int64_t tokens, std::int64_t head_dim, double theta, Arena& arena) {
  const std::int64_t pairs = head_dim / 2;
  auto* cos = arena.take<float>(tokens * pairs);
  auto* sin = arena.take<float>(tokens * pairs);
  if (!arena.counting()) {
    for (std::int64_t i = 0; i < pairs; ++i) {
      const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_dim);
      const float frequency = 1.0F / static_cast<float>(std::pow(theta, static_cast<double>(exponent)));
      for (std::int64_t t = 0; t < tokens; ++t) {
        const double angle = static_cast<float>(t) * frequency;
        cos[t * pairs + i] = static_cast<float>(std::cos(angle));
        sin[t * pairs + i] = static_cast<float>(std::sin(angle));
      }
    }
  }
  return {{cos, tokens, pairs}, {sin, tokens, pairs}};
}

}  // namespace trm
