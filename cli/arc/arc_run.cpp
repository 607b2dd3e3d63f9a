#include "cli/arc/arc_run.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "arc/run/ballot.hpp"
#include "arc/submission.hpp"
#include "arc/vote/decided.hpp"
#include "cli/interrupt.hpp"
#include "cli/numbers.hpp"
#include "cli/progress.hpp"

namespace trm {
namespace {

constexpr double refresh_interval = 10;  // seconds between two submissions
constexpr double batch_seconds = 1;      // a batch lasts about that long, or one sample a thread
constexpr std::size_t largest_batch = 256;

class ArcRun {
 public:
  explicit ArcRun(const ArcJob& job)
      : job_(job),
        total_(job.schedule.left()),
        progress_(total_, "samples", job.quiet),
        stale_(job.plan.inputs.size(), true) {
    result_.ranking = rank_all(arc::empty_ballots(job.plan.tasks), 1);
  }

  ArcResult run() {
    refresh();  // an output that cannot be written is found now, not after hours
    const auto threads = static_cast<std::size_t>(threads_of(job_.session));
    // Samples that may halt take different times: more of them even that out between the threads.
    const std::size_t least = job_.session.run.halt ? 4 * threads : threads;
    std::size_t size = least;
    while (!stopped()) {
      judge();
      const auto batch = job_.schedule.next(size);
      if (batch.empty()) break;
      const double start = now();
      run_batch(batch);
      size = now() - start < batch_seconds ? std::min(2 * size, std::max(least, largest_batch)) : least;
      if (now() >= next_refresh_) refresh();
    }
    job_.journal.commit();
    refresh();
    result_.run = finished_;
    result_.left = total_ - result_.run - result_.saved;
    return std::move(result_);
  }

 private:
  [[nodiscard]] double now() const { return job_.limits.watch.seconds(); }
  [[nodiscard]] bool stopped() const { return interrupted() || job_.limits.over(); }

  [[nodiscard]] std::vector<arc::Candidate> candidates(std::size_t input) const {
    const auto test = static_cast<std::int64_t>(job_.plan.inputs[input].test);
    return rank(arc::ballot({&job_.journal, 1}, job_.plan.task_of(input).name, test));
  }

  // Closes test inputs whose answer is decided, as far as that is asked for; under a time limit those that most likely
  // are wait until no other is left.
  void judge() {
    const UntilDecided until = job_.limits.until_decided;
    for (const std::size_t input : job_.schedule.due()) {
      const auto ranking = candidates(input);
      const std::int64_t remaining = static_cast<std::int64_t>(job_.plan.samples[input]) - total_votes(ranking);
      const bool probable = arc::chance_of_change(ranking, remaining) < arc::improbable;
      const bool certain = arc::decided(ranking, remaining);
      if ((certain && until != UntilDecided::no) || (probable && until == UntilDecided::probable)) {
        const std::size_t before = job_.schedule.left();
        job_.schedule.close(input);
        result_.saved += before - job_.schedule.left();
      } else {
        job_.schedule.pass(input);
        job_.schedule.defer(input, probable && job_.limits.timed());
      }
    }
  }

  void run_batch(const std::vector<arc::ScheduledSample>& batch) {
    for (const arc::ScheduledSample& sample : batch) stale_[sample.input] = true;
    run_samples(
        job_.session.model, job_.plan, batch, job_.session.run, job_.journal,
        [&] {
          finished_ += 1;
          progress_.advance();
        },
        [&] { return stopped(); });
  }

  void refresh() {
    const double start = now();
    for (std::size_t input = 0; input < stale_.size(); ++input) {
      const auto& [task, test] = job_.plan.inputs[input];
      if (stale_[input]) result_.ranking[task][test] = candidates(input);
      stale_[input] = false;
    }
    write_submission(job_.submission, answers(job_.plan.tasks, result_.ranking));
    progress_.update(total_ - result_.saved, remark());
    next_refresh_ = now() + std::max(refresh_interval, 10 * (now() - start));
  }

  // "812 votes on 390 of 400 tasks, 63.1 % of them for the first answer".
  [[nodiscard]] std::string remark() const {
    std::int64_t votes = 0;
    std::size_t begun = 0;
    for (const auto& task : result_.ranking) {
      std::int64_t own = 0;
      for (const auto& ranking : task) own += arc::total_votes(ranking);
      begun += own > 0 ? 1 : 0;
      votes += own;
    }
    if (votes == 0) return "";
    return std::to_string(votes) + " votes on " + std::to_string(begun) + " of " +
           std::to_string(result_.ranking.size()) + " tasks, " + fixed(100 * arc::mean_agreement(result_.ranking), 1) +
           " % for the first answers";
  }

  const ArcJob& job_;
  const std::size_t total_;  // samples
  Progress progress_;
  std::vector<bool> stale_;  // of each test input: has samples that its ranking does not know
  ArcResult result_;
  std::atomic<std::size_t> finished_{0};
  double next_refresh_ = 0;  // seconds of the watch
};

}  // namespace

ArcResult run_arc(const ArcJob& job) {
  return ArcRun(job).run();
}

}  // namespace trm
