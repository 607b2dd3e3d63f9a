#pragma once
// One call that runs in a session: it keeps others out, and asks the caller's callbacks.

#include <atomic>
#include <mutex>

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace trm::capi {

// A session has one set of buffers: a second call at once, from another thread or from a callback, is refused.
class Exclusive {
 public:
  explicit Exclusive(trm_session& session) : session_(session) {
    if (session.in_use.exchange(true)) {
      refuse("session", "is in use: a call runs in it", "give every thread a session of its own");
    }
  }
  Exclusive(const Exclusive&) = delete;
  Exclusive& operator=(const Exclusive&) = delete;
  ~Exclusive() { session_.in_use = false; }

 private:
  trm_session& session_;
};

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
