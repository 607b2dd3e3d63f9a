#include "arc/run/loop.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "arc/vote/decided.hpp"
#include "arc/vote/submission.hpp"
#include "runtime/cpu.hpp"

namespace trm::arc {
namespace {

constexpr double renewal_interval = 10;  // seconds between two submissions
constexpr double batch_seconds = 1;      // a batch lasts about so long, or one sample a thread
constexpr std::size_t largest_batch = 256;

class Loop {
 public:
  Loop(const Propose& propose, const Plan& plan, const SampleStore& store, const LoopOptions& options,
       const LoopCallbacks& callbacks)
      : propose_(propose),
        plan_(plan),
        store_(store),
        options_(options),
        callbacks_(callbacks),
        schedule_(plan.samples, options.shard, options.until_decided != UntilDecided::no || timed()),
        stale_(plan.inputs.size(), true),
        tallies_(plan.inputs.size()) {
    result_.ranking = rank_all(no_predictions(plan.tasks), 1);
    result_.resumed = take_over(plan, store, schedule_, tallies_);
    total_ = schedule_.left();
  }

  LoopResult run() {
    renew();  // an output that cannot be written is found now, not after hours
    const auto threads =
        static_cast<std::size_t>(options_.run.threads > 0 ? options_.run.threads : available_threads());
    // Samples that may halt take different times: more samples in a batch even that out between the threads.
    const std::size_t least = options_.run.may_halt() ? 4 * threads : threads;
    std::size_t size = least;
    while (!stopped()) {
      judge();
      const auto batch = schedule_.next(size);
      if (batch.empty()) break;
      const double start = now();
      run_batch(batch);
      size = now() - start < batch_seconds ? std::min(2 * size, std::max(least, largest_batch)) : least;
      if (now() >= next_renewal_) renew();
    }
    renew();  // first: the submission stands even where the journal's last commit fails
    store_.commit();
    return std::move(result_);
  }

 private:
  [[nodiscard]] double now() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  [[nodiscard]] bool timed() const { return options_.seconds < std::numeric_limits<double>::infinity(); }
  [[nodiscard]] bool stopped() const { return (callbacks_.cancel && callbacks_.cancel()) || now() >= options_.seconds; }

  // Closes test inputs whose answer is decided, as far as that is asked for; under a time limit those whose answer will
  // probably not change wait until no other test input has samples left.
  void judge() {
    for (const std::size_t input : schedule_.due()) {
      const auto ranking = tallies_[input].standing();
      const std::int64_t remaining = static_cast<std::int64_t>(plan_.samples[input]) - total_votes(ranking);
      const bool probable = chance_of_change(ranking, remaining) < improbable;
      const bool certain = decided(ranking, remaining);
      if ((certain && options_.until_decided != UntilDecided::no) ||
          (probable && options_.until_decided == UntilDecided::probable)) {
        const std::size_t before = schedule_.left();
        schedule_.close(input);
        result_.saved += before - schedule_.left();
      } else {
        schedule_.pass(input);
        schedule_.defer(input, probable && timed());
      }
    }
  }

  void run_batch(const std::vector<ScheduledSample>& batch) {
    for (const ScheduledSample& sample : batch) stale_[sample.input] = true;
    run_samples(
        propose_, plan_, batch, options_.run, store_,
        [&](std::size_t input, const FinishedSample& sample) {
          const Prediction prediction = prediction_of(sample);
          {
            const std::lock_guard lock(mutex_);
            tallies_[input].add(sample.puzzle_id, prediction);
          }
          finished_ += 1;
          if (callbacks_.finished) callbacks_.finished();
        },
        [&] { return stopped(); });
  }

  // Ranks what is new and writes the submission.
  void renew() {
    const double start = now();
    for (std::size_t input = 0; input < stale_.size(); ++input) {
      const auto& [task, test] = plan_.inputs[input];
      const Grid* truth = options_.solutions == nullptr ? nullptr : &(*options_.solutions)[task][test];
      if (stale_[input]) result_.ranking[task][test] = tallies_[input].ranking(options_.grids, truth);
      stale_[input] = false;
    }
    if (!options_.submission.empty()) write_submission(options_.submission, plan_.tasks, result_.ranking);
    result_.run = finished_;
    result_.left = total_ - result_.run - result_.saved;
    if (callbacks_.renewed) callbacks_.renewed(result_);
    next_renewal_ = now() + std::max(renewal_interval, 10 * (now() - start));
  }

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const Propose& propose_;
  const Plan& plan_;
  const SampleStore& store_;
  const LoopOptions& options_;
  const LoopCallbacks& callbacks_;
  Schedule schedule_;
  std::size_t total_ = 0;       // samples to run at the start
  std::vector<bool> stale_;     // of each test input: has samples that its ranking does not count yet
  std::vector<Tally> tallies_;  // of each test input
  std::mutex mutex_;            // guards the tallies while samples run
  LoopResult result_;
  std::atomic<std::size_t> finished_{0};
  double next_renewal_ = 0;  // seconds from start_
};

}  // namespace

LoopResult run_loop(const Propose& propose, const Plan& plan, const SampleStore& store, const LoopOptions& options,
                    const LoopCallbacks& callbacks) {
  return Loop(propose, plan, store, options, callbacks).run();
}

}  // namespace trm::arc
