#include "runtime/arena.hpp"

#include <cstring>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define TRM_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRM_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(TRM_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace trm {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;  // bytes, on x86-64 and on AArch64 with base pages of 4 KiB

// Where the arena is large, huge pages are asked for: a pass reads all weights, and 27 MB of them in small pages are
// more than the TLB holds. The system may decline.
std::align_val_t alignment_for(std::size_t bytes) {
  return std::align_val_t{bytes < 2 * huge_page ? Arena::alignment : huge_page};
}

std::byte* allocate(std::size_t bytes) {
  const std::align_val_t alignment = alignment_for(bytes);
  auto* memory = static_cast<std::byte*>(::operator new(bytes, alignment));
#if defined(__linux__)
  if (bytes >= 2 * huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

}  // namespace

#if defined(TRM_ADDRESS_SANITIZER)
const std::size_t Arena::guard_bytes = 256;
void Arena::guard(std::byte* first, std::size_t bytes) {
  ASAN_POISON_MEMORY_REGION(first, bytes);
}
#else
const std::size_t Arena::guard_bytes = 0;
void Arena::guard(std::byte* /*first*/, std::size_t /*bytes*/) {}
#endif

Arena::Arena(std::size_t bytes) : base_(allocate(bytes), Free{alignment_for(bytes)}) {
  std::memset(base_.get(), 0, bytes);
}

}  // namespace trm
