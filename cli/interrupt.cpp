#include "cli/interrupt.hpp"

#include <csignal>

#include <atomic>

namespace trm {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

void watch_for_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_requested.store(true, std::memory_order_relaxed); };
  // The next one meets the default: death. No SA_RESTART: a read of a terminal or a pipe ends and looks at
  // interrupted().
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) sigaction(signal, &action, nullptr);
}

bool interrupted() {
  return stop_requested.load(std::memory_order_relaxed);
}

}  // namespace trm
