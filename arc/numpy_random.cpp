#include "arc/numpy_random.hpp"

#include <bit>

namespace trm::arc {

std::uint32_t NumpyRandom::up_to(std::uint32_t most) {
  if (most == 0) return 0;
  const std::uint32_t mask = ~std::uint32_t{0} >> std::countl_zero(most);
  for (;;) {
    const auto value = static_cast<std::uint32_t>(words_()) & mask;
    if (value <= most) return value;
  }
}

}  // namespace trm::arc
