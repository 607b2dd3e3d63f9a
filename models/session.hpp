#pragma once
// A model at work: threads and buffers that are kept from run to run.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "models/model.hpp"
#include "runtime/threads.hpp"

namespace trm {

struct SessionOptions {
  ThreadOptions threads{};
  // Samples one after another, all threads on each. Else a run with as many samples as threads gives each thread whole
  // samples, which is faster, and takes the memory of a sample's state for each thread.
  bool one_at_a_time = false;
};

// Marks the one caller that a session has at a time. The mark is the process, so that a child of fork() does not wait
// for a caller that stayed with its parent.
class Caller {
 public:
  static constexpr int nobody = 0;
  // Throws Error(usage) where this process has a caller already.
  explicit Caller(std::atomic<int>& process);
  ~Caller() { process_.store(nobody, std::memory_order_release); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

 private:
  std::atomic<int>& process_;
};

// Everything is allocated here: a run allocates nothing, unless it fails. One caller at a time: a second one gets
// Error(usage), as does a callback that calls run(). Threads sleep between runs and end with the session. After fork()
// both processes may go on with it; the child's threads start with its first run (not with ThreadWay::openmp).
class Session {
 public:
  // The model must outlive the session. Throws Error(usage) as Crew does.
  explicit Session(const Model& model, const SessionOptions& options = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // As the function run() of models/model.hpp. RunOptions::threads, if set, must not be more than the session has.
  void run(std::span<const Sample> samples, const RunOptions& options,
           const std::function<void(const StepResult&)>& report, const std::function<bool()>& cancel = {},
           const std::function<bool(const StepResult&)>& stop = {});

  [[nodiscard]] int threads() const;        // those wanted, or fewer where the system starts no more
  [[nodiscard]] std::size_t bytes() const;  // of its buffers

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The bytes() of a session with these options, if the system grants its threads.
[[nodiscard]] std::size_t memory_needed(const Model& model, const SessionOptions& options = {});

}  // namespace trm
