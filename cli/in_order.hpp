#pragma once
// Results that finish out of order, handed on in order.

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace trm {

template <class Result>
class InOrder {
 public:
  using Emit = std::function<void(std::size_t index, const Result& result)>;
  explicit InOrder(Emit emit) : emit_(std::move(emit)) {}

  // From any thread. Hands on this result once all before it have come.
  void put(std::size_t index, Result result) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(index, std::move(result));
    while (!waiting_.empty() && waiting_.begin()->first == count_) hand_on();
  }

  // After an interrupted run: hands on the results behind a gap. Returns how many came in all.
  std::size_t finish() {
    while (!waiting_.empty()) hand_on();
    return count_;
  }

 private:
  void hand_on() {
    const auto first = waiting_.begin();
    emit_(first->first, first->second);
    waiting_.erase(first);
    count_ += 1;
  }

  std::mutex mutex_;
  std::map<std::size_t, Result> waiting_;
  Emit emit_;
  std::size_t count_ = 0;
};

}  // namespace trm
