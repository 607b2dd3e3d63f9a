#include "cli/interrupt.hpp"

#include <atomic>

#include "cli/system.hpp"

namespace trm {
namespace {

std::atomic<bool> stop_requested{false};

}  // namespace

void watch_for_interrupt() {
  system::watch_for_interrupt(stop_requested);
}

bool interrupted() {
  return stop_requested.load(std::memory_order_relaxed);
}

}  // namespace trm
