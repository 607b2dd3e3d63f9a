#include "runtime/arena.hpp"

#include <cstring>

namespace trm {

Arena::Arena(std::size_t bytes)
    : base_(static_cast<std::byte*>(std::aligned_alloc(alignment, bytes == 0 ? alignment : bytes))) {
  if (!base_) throw std::bad_alloc();
  std::memset(base_.get(), 0, bytes);
}

}  // namespace trm
