#pragma once
// One allocation for all buffers of a thread or a model. The same layout function runs twice: over a counting arena,
// which finds the size, then over the real one.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace trm {

class Arena {
 public:
  static constexpr std::size_t alignment = 64;  // bytes: a cache line, the widest vector
  // With the address sanitizer, bytes behind every buffer that no code may touch; 0 without it.
  static const std::size_t guard_bytes;

  // Runs `layout(Arena&)` twice. What it takes the second time is zeroed memory of the returned arena.
  template <class Layout>
  static Arena sized(Layout&& layout) {
    Arena counting;
    layout(counting);
    Arena arena(counting.used_);
    layout(arena);
    return arena;
  }

  // The bytes() of the arena that sized(layout) returns.
  template <class Layout>
  static std::size_t bytes_of(Layout&& layout) {
    Arena counting;
    layout(counting);
    return counting.used_;
  }

  // `count` elements, 64-byte aligned, zeroed; nullptr while counting.
  template <class T>
  T* take(std::int64_t count) {
    const std::size_t offset = used_, bytes = static_cast<std::size_t>(count) * sizeof(T);
    used_ += round_up(bytes) + guard_bytes;
    if (!base_) return nullptr;
    guard(base_.get() + offset + bytes, used_ - offset - bytes);
    return reinterpret_cast<T*>(base_.get() + offset);
  }

  [[nodiscard]] std::size_t bytes() const { return used_; }
  [[nodiscard]] bool counting() const { return !base_; }

 private:
  struct Free {
    std::align_val_t alignment;
    void operator()(std::byte* p) const noexcept { ::operator delete(p, alignment); }
  };

  Arena() = default;
  explicit Arena(std::size_t bytes);
  static void guard(std::byte* first, std::size_t bytes);
  static std::size_t round_up(std::size_t n) { return (n + alignment - 1) / alignment * alignment; }

  std::unique_ptr<std::byte, Free> base_{nullptr, Free{std::align_val_t{alignment}}};
  std::size_t used_ = 0;
};

}  // namespace trm
