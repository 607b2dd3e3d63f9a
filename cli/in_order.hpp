#pragma once
// Results that finish out of order, handed on in order.

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace trm {

template <class Result>
class InOrder {
 public:
  using Emit = std::function<void(std::size_t index, const Result& result)>;
  InOrder(std::size_t total, Emit emit) : waiting_(total), emit_(std::move(emit)) {}

  // From any thread. Hands on this result once all before it have come.
  void put(std::size_t index, Result result) {
    const std::lock_guard lock(mutex_);
    waiting_[index] = std::move(result);
    for (; next_ < waiting_.size() && waiting_[next_]; ++next_) hand_on(next_);
  }

  // After an interrupted run: hands on what has come after a gap. Returns how many came in all.
  std::size_t finish() {
    for (; next_ < waiting_.size(); ++next_) {
      if (waiting_[next_]) hand_on(next_);
    }
    return count_;
  }

 private:
  void hand_on(std::size_t index) {
    emit_(index, *waiting_[index]);
    waiting_[index].reset();
    count_ += 1;
  }

  std::mutex mutex_;
  std::vector<std::optional<Result>> waiting_;
  Emit emit_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace trm
