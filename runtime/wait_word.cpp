#include "runtime/wait_word.hpp"

namespace trm {

void wait_while(const WaitWord& word, std::uint32_t old) {
  word.wait(old, std::memory_order_acquire);
}

void wake_one(WaitWord& word) {
  word.notify_one();
}

void wake_all(WaitWord& word) {
  word.notify_all();
}

}  // namespace trm
