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

namespace {

double angle_of(const RotaryShape& shape, std::int64_t token, std::int64_t pair) {
  const std::int64_t quarter = shape.head_dim / 4;
  const auto angle = [&](std::int64_t place, std::int64_t i, std::int64_t dim) {
    return static_cast<double>(place) * std::pow(shape.theta, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
  };
  if (shape.places == RotaryPlaces::sequence || token < shape.prefix) return angle(token, pair, shape.head_dim);
  const std::int64_t cell = token - shape.prefix;
  const bool by_row = pair < quarter;
  const std::int64_t place = by_row ? cell / shape.width : cell % shape.width;
  const std::int64_t dim = shape.places == RotaryPlaces::board_pairs ? shape.head_dim : shape.head_dim / 2;
  return angle(place, by_row ? pair : pair - quarter, dim);
}

}  // namespace

RotaryTable exact_rotary_table(const RotaryShape& shape, Arena& arena) {
  const std::int64_t pairs = shape.head_dim / 2;
  auto* cos = arena.take<float>(shape.tokens * pairs);
  auto* sin = arena.take<float>(shape.tokens * pairs);
  for (std::int64_t t = 0; t < shape.tokens && !arena.counting(); ++t) {
    for (std::int64_t i = 0; i < pairs; ++i) {
      const double angle = angle_of(shape, t, i);
      cos[t * pairs + i] = static_cast<float>(std::cos(angle));
      sin[t * pairs + i] = static_cast<float>(std::sin(angle));
    }
  }
  return {{cos, shape.tokens, pairs}, {sin, shape.tokens, pairs}, shape.places == RotaryPlaces::board_halves ? 2 : 1};
}

}  // namespace trm
