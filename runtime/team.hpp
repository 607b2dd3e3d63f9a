#pragma once
// Threads that work on one sample together. Every member runs the same code; `for_blocks` distributes the blocks of a
// phase over the members and ends with a barrier. In a team of one a barrier costs nothing.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace trm {

class Team {
 public:
  explicit Team(int size) : size_(size) {}

  [[nodiscard]] int size() const { return size_; }

  // Calls body(block) for every block in [0, count), each on one member, and
  // returns when all are done. All members must call it with the same count.
  template <class Body>
  void for_blocks(std::int64_t count, Body&& body) {
    if (size_ == 1) {
      for (std::int64_t block = 0; block < count; ++block) body(block);
      return;
    }
    for (std::int64_t block = next_.fetch_add(1); block < count; block = next_.fetch_add(1)) body(block);
    barrier();
  }

  void barrier() {
    if (size_ == 1) return;
    const std::uint32_t phase = phase_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
      arrived_.store(0, std::memory_order_relaxed);
      next_.store(0, std::memory_order_relaxed);
      phase_.store(phase + 1, std::memory_order_release);
      return;
    }
    for (int spins = 0; phase_.load(std::memory_order_acquire) == phase; ++spins) {
      if (spins < spins_before_yield) {
        pause();
      } else {
        std::this_thread::yield();  // another thread needs the core, perhaps a member that is late
      }
    }
  }

 private:
  static constexpr int spins_before_yield = 20000;  // about a millisecond

  static void pause() {
#if defined(__x86_64__)
    _mm_pause();
#endif
  }

  const int size_;
  alignas(64) std::atomic<std::int64_t> next_{0};
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> phase_{0};
};

// [0, total) cut into `count` runs whose lengths differ by at most one.
struct Blocks {
  std::int64_t total;
  std::int64_t count;

  // The fewest blocks of at most `largest` that give every member of a team as many blocks.
  static Blocks split(std::int64_t total, std::int64_t largest, int members) {
    std::int64_t count = (total + largest - 1) / largest;
    count = (count + members - 1) / members * members;
    return {total, count < total ? count : total};
  }
  // The same for rows that kernels compute in tiles of `tile` rows: up to 50 % more blocks if that makes fewer tiles.
  static Blocks split(std::int64_t total, std::int64_t largest, int members, std::int64_t tile) {
    Blocks best = split(total, largest, members);
    const auto tiles = [&](std::int64_t blocks) {  // some blocks have one row more than the rest
      const std::int64_t rows = total / blocks, longer = total % blocks;
      return longer * ((rows + tile) / tile) + (blocks - longer) * ((rows + tile - 1) / tile);
    };
    const std::int64_t most = std::min(best.count * 3 / 2, total);
    for (std::int64_t count = best.count + members; count <= most; count += members) {
      if (tiles(count) < tiles(best.count)) best.count = count;
    }
    return best;
  }
  [[nodiscard]] std::int64_t begin(std::int64_t block) const { return total * block / count; }
  [[nodiscard]] std::int64_t size(std::int64_t block) const { return begin(block + 1) - begin(block); }
};

}  // namespace trm
