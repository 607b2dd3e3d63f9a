#pragma once
// How pass@1 and pass@2 depend on the number of votes: fewer votes are drawn from the recorded predictions, without
// replacement and many times over, and each draw is ranked.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arc/vote/pass_at.hpp"
#include "arc/vote/ranking.hpp"
#include "quant/statistics.hpp"

namespace trm::arc {

struct ResamplingOptions {
  std::size_t resamples = 100;  // draws at each number of votes
  std::uint64_t seed = 0;
  int threads = 1;
};

// pass@K with so many votes.
struct ResampledPass {
  double mean = 0;      // over the draws
  Interval draws;       // from the 2.5th to the 97.5th percentile of the draws: the tasks are fixed, the votes vary
  Interval over_tasks;  // 95 % interval of the mean when the tasks are drawn at random, too: mean_interval()
};

struct VotePoint {
  std::size_t votes = 0;  // drawn for each test input; one that has fewer gives all it has
  ResampledPass pass_1;
  ResampledPass pass_2;
};

// For 1, 2, 4, ... votes, and as many as the test input with the most votes has. Drawn votes keep their order, so that
// the last point equals the full vote. The same bits for any number of threads.
[[nodiscard]] std::vector<VotePoint> resample(const Predictions& predictions, const Solutions& solutions,
                                              const ResamplingOptions& options);

}  // namespace trm::arc
