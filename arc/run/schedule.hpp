#pragma once
// Which samples are run, and in which order. The samples of a test input are numbered by its task's views. Test inputs
// take turns, so that each has some samples before any has many.
//
// The order never changes a prediction. Which samples are run depends on the predictions alone: a test input that may
// be closed early is judged after every `judged_every` samples of its own, whatever the number of threads and however
// often the run was interrupted in between.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace trm::arc {

// Every `count`-th sample from `index` on, `index` from 0.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

struct ScheduledSample {
  std::size_t input = 0;  // test input, counted over all tasks
  std::size_t view = 0;   // of its task
};

class Schedule {
 public:
  static constexpr std::size_t judged_every = 4;

  // `samples` of each test input. With `judged` next() stops at each judgement until it is passed.
  Schedule(std::span<const std::size_t> samples, Shard shard, bool judged);

  // Before the first next(): this sample is done already. False: it does not belong to this schedule.
  bool mark_done(ScheduledSample sample);

  // The next `count` samples, fewer where judgements must come first or little is left. They count as done.
  [[nodiscard]] std::vector<ScheduledSample> next(std::size_t count);

  // Test inputs to judge now: all samples before the judgement are done.
  [[nodiscard]] std::vector<std::size_t> due() const;
  void pass(std::size_t input);                  // judged: it gets more samples
  void close(std::size_t input);                 // judged: it gets no more samples
  void defer(std::size_t input, bool deferred);  // its samples wait until no other test input has any

  [[nodiscard]] std::size_t left() const;                                                  // samples
  [[nodiscard]] std::size_t done(std::size_t input) const { return queues_[input].done; }  // of this shard

 private:
  struct Queue {
    std::vector<std::uint32_t> waiting;  // views, the next one last
    std::size_t done = 0;
    std::size_t passed = 0;  // samples at which it was judged last
    bool deferred = false;
  };
  [[nodiscard]] bool is_due(const Queue& queue) const;

  std::vector<Queue> queues_;  // a test input each
  bool judged_;
};

}  // namespace trm::arc
