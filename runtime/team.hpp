#pragma once
// Threads that work on one sample together. One member, the lead, runs the program: it calls for_blocks for one phase
// after another. The other members help: they take blocks of the phase that is under way. A phase ends when all of its
// blocks are done. So nobody waits for a member that is late and holds no block, and a team works with however many
// members come, even with the lead alone.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <type_traits>

#include "runtime/team_size.hpp"
#include "runtime/wait_word.hpp"

namespace trm {

class Team {
 public:
  // `size` counts the lead. A phase is for as many of them as there are CPUs. Members look for work for some
  // microseconds before they sleep, unless there are more of them than CPUs.
  explicit Team(int size, int cpus)
      : size_(size),
        look_for_(size <= cpus ? longest_look : std::chrono::microseconds(0)),
        choice_(std::min(size, cpus)) {
    call(choice_.members());
  }
  explicit Team(int size) : Team(size, size) {}

  [[nodiscard]] int size() const { return size_; }
  // Those who share the next phase; blocks are cut for so many.
  [[nodiscard]] int active() const { return static_cast<int>(called_.load(std::memory_order_relaxed) & members_mask); }

  // The lead says how many members share the next phases: as many as a sample's steps are fastest with, or all.
  void call_for_steps() { call(choice_.members()); }
  void call_all() { call(size_); }
  // What a step of the called members took; may change active().
  void step_took(double seconds) {
    if (size_ == 1) return;
    choice_.step_took(seconds);
    call_for_steps();
  }

  // A phase, called by the lead: body(block, member) for every block in [0, count), each on one member; the lead is
  // member 0. Returns when all are done. What a body writes, bodies of later phases and the lead see. A body must not
  // throw unless the team has one member.
  template <class Body>
  void for_blocks(std::int64_t count, Body&& body) {
    if (active() == 1 || count <= 1) {
      for (std::int64_t block = 0; block < count; ++block) body(block, 0);
      return;
    }
    using Callable = std::remove_reference_t<Body>;
    share(count, {const_cast<void*>(static_cast<const void*>(&body)), [](void* object, std::int64_t block, int member) {
                    (*static_cast<Callable*>(object))(block, member);
                  }});
  }

  // What every member but the lead calls, with a number from 1 to size - 1 of its own: does blocks of all phases until
  // the team is dismissed. May be called at any time.
  void help(int member);
  // Called by the lead after its last phase: help() returns.
  void dismiss();
  // The lead takes up a team that was dismissed, when all have left help().
  void reopen() { called_.fetch_and(members_mask, std::memory_order_relaxed); }

 private:
  // The body of a phase, without its type.
  struct Work {
    void* object;
    void (*call)(void* object, std::int64_t block, int member);
  };

  // Members usually end a phase less than that apart, and a sleeping one takes long to wake. A longer look gains little
  // (bench_busy: 1 % with 320) and keeps the CPU from other programs (7 % slower beside one).
  static constexpr std::chrono::microseconds longest_look{80};

  // Parts of called_. One word says both, so that a member that reads it cannot miss one and sleep.
  static constexpr std::uint32_t members_mask = 0xffff, dismissed = 0x10000;

  void call(int members);
  void share(std::int64_t count, const Work& work);
  void do_blocks(int member);

  const int size_;
  const std::chrono::microseconds look_for_;
  TeamSize choice_;
  Work work_{};  // of the phase that is under way
  // Of the phase that is under way: its number of blocks (upper 32 bits), and the block to take next (lower 32 bits; at
  // or above the number: none is left). Both are read in one access, so that a member that is late cannot take a block
  // of one phase for that of another.
  alignas(64) std::atomic<std::uint64_t> next_{0};
  alignas(64) WaitWord done_{0};  // blocks of the phase
  alignas(64) WaitWord bell_{0};  // changes with every phase, and when the team is dismissed
  // The number of active members, and whether the team is dismissed.
  alignas(64) WaitWord called_{0};
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
