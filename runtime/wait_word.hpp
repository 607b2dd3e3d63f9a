#pragma once
// Sleeping until a 32-bit word changes, as a futex does. The C++ library's own std::atomic::wait is one on Linux; GCC
// 12's on Windows can miss a wake-up, so that Windows' own function is called there.

#include <atomic>
#include <cstdint>

namespace trm {

using WaitWord = std::atomic<std::uint32_t>;

// Returns when the word is no longer `old`, with what the thread that changed it wrote before (acquire).
void wait_while(const WaitWord& word, std::uint32_t old);

// To be called after the word was changed: by a read-modify-write or by a sequentially consistent store, which no later
// look for sleepers can overtake.
void wake_one(WaitWord& word);
void wake_all(WaitWord& word);

}  // namespace trm
