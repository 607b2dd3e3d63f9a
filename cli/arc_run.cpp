#include "cli/arc_run.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "arc/decided.hpp"
#include "arc/submission.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"

namespace trm {
namespace {

using arc::Schedule;
using arc::ScheduledSample;
using arc::Standing;

constexpr double refresh_interval = 10;  // seconds between two submissions
constexpr double batch_seconds = 1;      // a batch lasts about that long, or one sample a thread
constexpr std::size_t largest_batch = 256;

class ArcRun {
 public:
  ArcRun(const Session& session, const arc::Plan& plan, const std::vector<const arc::Grid*>& truths,
         const ArcLimits& limits, Schedule& schedule, arc::Journal& journal, const std::filesystem::path& submission,
         bool quiet)
      : session_(session),
        plan_(plan),
        truths_(truths),
        limits_(limits),
        schedule_(schedule),
        journal_(journal),
        submission_(submission),
        progress_(schedule.left(), "samples", quiet),
        stale_(plan.inputs.size(), true) {
    result_.standings.resize(plan.inputs.size());
  }

  ArcResult run() {
    refresh();  // an output that cannot be written is found now, not after hours
    const auto threads = static_cast<std::size_t>(threads_of(session_));
    // Samples that may halt take different times: more of them even that out between the threads.
    const std::size_t least = session_.run.halt ? 4 * threads : threads;
    std::size_t size = least;
    while (!stopped()) {
      judge();
      const auto batch = schedule_.next(size);
      if (batch.empty()) break;
      const double start = limits_.watch.seconds();
      run_batch(batch);
      const double now = limits_.watch.seconds();
      size = now - start < batch_seconds ? std::min(2 * size, std::max(least, largest_batch)) : least;
      if (now >= next_refresh_) refresh();
    }
    journal_.commit();
    refresh();
    result_.run = finished_;
    result_.left = total_ - result_.run - result_.saved;
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool stopped() const { return interrupted() || limits_.over(); }

  [[nodiscard]] std::vector<arc::Candidate> ranking(std::size_t input) const {
    return arc::rank_test_input({&journal_, 1}, plan_.task_of(input).name,
                                static_cast<std::int64_t>(plan_.inputs[input].test));
  }

  // Closes test inputs whose answer is decided, as far as that is asked for; under a time limit those that most likely
  // are wait until no other is left.
  void judge() {
    for (const std::size_t input : schedule_.due()) {
      const auto candidates = ranking(input);
      const Standing now = standing(candidates, nullptr);
      const std::int64_t remaining = static_cast<std::int64_t>(plan_.samples[input]) - now.samples;
      const bool probable = arc::chance_of_change(candidates, remaining) < arc::improbable;
      const bool close =
          limits_.until_decided != UntilDecided::no &&
          (arc::decided(candidates, remaining) || (probable && limits_.until_decided == UntilDecided::probable));
      if (close) {
        const std::size_t before = schedule_.left();
        schedule_.close(input);
        result_.saved += before - schedule_.left();
      } else {
        schedule_.pass(input);
        schedule_.defer(input, probable && limits_.timed());
      }
    }
  }

  void run_batch(const std::vector<ScheduledSample>& batch) {
    for (const ScheduledSample& sample : batch) stale_[sample.input] = true;
    run_samples(
        session_.model, plan_, batch, session_.run, journal_,
        [&] {
          finished_ += 1;
          progress_.advance();
        },
        [&] { return stopped(); });
  }

  void refresh() {
    const double start = limits_.watch.seconds();
    for (std::size_t input = 0; input < stale_.size(); ++input) {
      if (stale_[input]) result_.standings[input] = standing(ranking(input), truths_[input]);
      stale_[input] = false;
    }
    write_submission(submission_, answers(journal_tasks(plan_.tasks), result_.standings));
    progress_.update(total_ - result_.saved, remark());
    const double now = limits_.watch.seconds();
    next_refresh_ = now + std::max(refresh_interval, 10 * (now - start));
  }

  // "63 % of the votes agree, 12 of 400 test inputs wait for their first".
  [[nodiscard]] std::string remark() const {
    const double agreement = arc::mean_agreement(result_.standings);
    const auto waiting = std::count_if(result_.standings.begin(), result_.standings.end(),
                                       [](const Standing& at) { return at.samples == 0; });
    std::string text = fixed(100 * agreement, 1) + " % of the votes agree";
    if (waiting > 0) {
      text += ", " + std::to_string(waiting) + " of " + std::to_string(result_.standings.size()) +
              " test inputs wait for their first";
    }
    return text;
  }

  const Session& session_;
  const arc::Plan& plan_;
  const std::vector<const arc::Grid*>& truths_;
  const ArcLimits& limits_;
  Schedule& schedule_;
  arc::Journal& journal_;
  const std::filesystem::path& submission_;
  Progress progress_;
  std::vector<bool> stale_;  // of each test input: has samples that its standing does not know
  ArcResult result_;
  std::atomic<std::size_t> finished_{0};
  const std::size_t total_ = schedule_.left();
  double next_refresh_ = 0;  // seconds of the watch
};

}  // namespace

ArcResult run_arc(const Session& session, const arc::Plan& plan, const std::vector<const arc::Grid*>& truths,
                  const ArcLimits& limits, arc::Schedule& schedule, arc::Journal& journal,
                  const std::filesystem::path& submission, bool quiet) {
  return ArcRun(session, plan, truths, limits, schedule, journal, submission, quiet).run();
}

}  // namespace trm
