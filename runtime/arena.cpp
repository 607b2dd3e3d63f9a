#include "runtime/arena.hpp"

#include <cstring>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace trm {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;  // bytes, on x86-64 and on AArch64 with base pages of 4 KiB

// Asks for huge pages where the arena is large: a pass reads all weights, and 27 MB of them in small pages are more
// than the TLB holds. The system may decline.
std::byte* allocate(std::size_t bytes) {
  if (bytes < 2 * huge_page) {
    return static_cast<std::byte*>(std::aligned_alloc(Arena::alignment, bytes == 0 ? Arena::alignment : bytes));
  }
  void* memory = std::aligned_alloc(huge_page, (bytes + huge_page - 1) / huge_page * huge_page);
#if defined(__linux__)
  if (memory != nullptr) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return static_cast<std::byte*>(memory);
}

}  // namespace

Arena::Arena(std::size_t bytes) : base_(allocate(bytes)) {
  if (!base_) throw std::bad_alloc();
  std::memset(base_.get(), 0, bytes);
}

}  // namespace trm
