#pragma once
// The loop of `trm arc`: samples in batches, judgements between them, and a submission that is always up to date.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>

#include "arc/run/plan.hpp"
#include "arc/vote/ranking.hpp"
#include "cli/cost.hpp"
#include "cli/session.hpp"

namespace trm {

enum class UntilDecided : std::uint8_t { no, exact, probable };

struct ArcLimits {
  UntilDecided until_decided = UntilDecided::no;
  double seconds = std::numeric_limits<double>::infinity();  // of `watch`
  Stopwatch watch;

  [[nodiscard]] bool timed() const { return seconds < std::numeric_limits<double>::infinity(); }
  [[nodiscard]] bool over() const { return watch.seconds() >= seconds; }
};

struct ArcJob {
  const Session& session;
  const arc::Plan& plan;
  const ArcLimits& limits;
  arc::Schedule& schedule;
  arc::Journal& journal;
  std::filesystem::path submission;
  bool quiet = false;
};

struct ArcResult {
  arc::Ranking ranking;
  std::size_t run = 0;    // samples finished now
  std::size_t saved = 0;  // not run, because their test input was decided
  std::size_t left = 0;   // not run for want of time, or interrupted
};

// Runs what the schedule has until it is done, the time is over, or an interrupt.
[[nodiscard]] ArcResult run_arc(const ArcJob& job);

}  // namespace trm
