#include "runtime/team.hpp"

#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace trm {
namespace {

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

// Reads the word repeatedly, for 1 to 3 microseconds. Returns true once it is no longer `old`.
bool changes(const WaitWord& word, std::uint32_t old) {
  for (int look = 0; look < 64; ++look) {
    if (word.load(std::memory_order_acquire) != old) return true;
    pause();
  }
  return false;
}

// Returns when the word is no longer `old`. Looks for so long, then sleeps in the kernel: another thread may need the
// CPU, perhaps the one that is waited for.
void await_change(const WaitWord& word, std::uint32_t old, std::chrono::microseconds look_for) {
  if (look_for.count() > 0) {
    if (changes(word, old)) return;  // in most cases before the clock must be read
    const auto end = std::chrono::steady_clock::now() + look_for;
    while (std::chrono::steady_clock::now() < end) {
      if (changes(word, old)) return;
    }
  }
  wait_while(word, old);
}

}  // namespace

void Team::share(std::int64_t count, const Work& work) {
  // Nobody reads these now: every block of the phase before is done, and no other can be taken.
  work_ = work;
  done_.store(0, std::memory_order_relaxed);
  next_.store(static_cast<std::uint64_t>(count) << 32, std::memory_order_release);
  bell_.fetch_add(1, std::memory_order_release);
  wake_all(bell_);

  do_blocks(0);
  for (;;) {
    const std::uint32_t done = done_.load(std::memory_order_acquire);
    if (done == count) return;
    await_change(done_, done, look_for_);
  }
}

void Team::help(int member) {
  for (;;) {
    const std::uint32_t bell = bell_.load(std::memory_order_acquire);
    const std::uint32_t called = called_.load(std::memory_order_acquire);
    if ((called & dismissed) != 0) return;
    if (member >= static_cast<int>(called & members_mask)) {
      wait_while(called_, called);
      continue;
    }
    do_blocks(member);
    await_change(bell_, bell, look_for_);
  }
}

void Team::call(int members) {
  const std::uint32_t before = called_.load(std::memory_order_relaxed);
  const auto wanted = static_cast<std::uint32_t>(members);
  if ((before & members_mask) == wanted) return;
  called_.store((before & ~members_mask) | wanted);
  if (wanted > (before & members_mask)) wake_all(called_);
}

void Team::dismiss() {
  called_.fetch_or(dismissed, std::memory_order_release);
  wake_all(called_);
  bell_.fetch_add(1, std::memory_order_release);
  wake_all(bell_);
}

void Team::do_blocks(int member) {
  for (;;) {
    const std::uint64_t taken = next_.fetch_add(1, std::memory_order_acq_rel);
    const std::uint64_t count = taken >> 32, block = taken & 0xffffffffU;
    if (block >= count) return;
    work_.call(work_.object, static_cast<std::int64_t>(block), member);
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == count) wake_one(done_);
  }
}

}  // namespace trm
