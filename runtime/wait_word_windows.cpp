#define WIN32_LEAN_AND_MEAN
#include <windows.h>
// windows.h first

#include "runtime/wait_word.hpp"

namespace trm {

static_assert(sizeof(WaitWord) == sizeof(std::uint32_t) && WaitWord::is_always_lock_free);

void wait_while(const WaitWord& word, std::uint32_t old) {
  while (word.load(std::memory_order_acquire) == old) {  // WaitOnAddress may return without a change
    ::WaitOnAddress(const_cast<WaitWord*>(&word), &old, sizeof old, INFINITE);
  }
}

void wake_one(WaitWord& word) {
  ::WakeByAddressSingle(&word);
}

void wake_all(WaitWord& word) {
  ::WakeByAddressAll(&word);
}

}  // namespace trm
