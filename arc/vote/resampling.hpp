#pragma once
// How the answer to every task depends on the number of votes: what it would have been with fewer of those that there
// are, drawn without replacement, many times over.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arc/vote/ranking.hpp"
#include "arc/vote/score.hpp"
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
  Interval draws;       // from the 2.5th to the 97.5th percentile of the draws: the votes' chance
  Interval over_tasks;  // 95 % of the mean, the tasks being drawn at random, too: mean_interval()
};

struct VotePoint {
  std::size_t votes = 0;  // of each test input; one that has fewer gives all it has
  ResampledPass pass_1;
  ResampledPass pass_2;
};

// For 1, 2, 4, ... votes, and as many as the test input with the most has. The votes drawn keep their order, so that
// the last point is what all of them give. The same bits for any number of threads.
[[nodiscard]] std::vector<VotePoint> resample(const Ballots& ballots, const Solutions& solutions,
                                              const ResamplingOptions& options);

}  // namespace trm::arc
