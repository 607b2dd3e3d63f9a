#pragma once
// The callbacks of the caller, which a call in a session asks.

#include <atomic>
#include <mutex>

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace trm::capi {

// Two callbacks of the caller, never called at once and never again after one of them said to stop.
class Callbacks {
 public:
  Callbacks(int (*cancel)(void*), void* context) : cancel_(cancel), context_(context) {}

  // Calls callback(context, values...), unless the caller has stopped the call already.
  template <class... Arguments, class... Values>
  void tell(int (*callback)(void*, Arguments...), Values... values) {
    if (callback == nullptr) return;
    const std::lock_guard lock(mutex_);
    if (!stopped_ && callback(context_, values...) != 0) stopped_ = true;
  }
  [[nodiscard]] bool cancelled() {
    if (stopped_) return true;
    if (cancel_ == nullptr) return false;
    const std::lock_guard lock(mutex_);
    if (!stopped_ && cancel_(context_) != 0) stopped_ = true;
    return stopped_;
  }
  [[nodiscard]] bool stopped() const { return stopped_; }
  void throw_if_stopped() const {
    if (stopped_) throw Cancelled();
  }

 private:
  int (*cancel_)(void*);
  void* context_;
  std::mutex mutex_;
  std::atomic<bool> stopped_{false};
};

}  // namespace trm::capi
