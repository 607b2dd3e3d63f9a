#include "runtime/stencil.hpp"

namespace trm {

Stencil line_stencil(std::int64_t first, std::int64_t tokens, std::int64_t taps, std::int64_t behind) {
  Stencil stencil{.first = first, .taps = taps, .sources = {}};
  for (std::int64_t t = first; t < tokens; ++t) {
    for (std::int64_t j = 0; j < taps; ++j) {
      const std::int64_t source = t - behind + j;
      const bool inside = source >= first && source < tokens;
      stencil.sources.push_back(inside ? static_cast<std::int32_t>(source) : Stencil::nothing);
    }
  }
  return stencil;
}

Stencil board_stencil(std::int64_t first, std::int64_t side, std::int64_t k) {
  Stencil stencil{.first = first, .taps = k * k, .sources = {}};
  for (std::int64_t cell = 0; cell < side * side; ++cell) {
    for (std::int64_t tap = 0; tap < k * k; ++tap) {
      const std::int64_t row = cell / side + tap / k - k / 2, column = cell % side + tap % k - k / 2;
      const bool inside = row >= 0 && row < side && column >= 0 && column < side;
      stencil.sources.push_back(inside ? static_cast<std::int32_t>(first + row * side + column) : Stencil::nothing);
    }
  }
  return stencil;
}

}  // namespace trm
