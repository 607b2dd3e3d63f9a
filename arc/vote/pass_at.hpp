#pragma once
// pass@K: the share of tasks that the first K candidates solve, as the reference evaluator counts, with its confidence
// interval.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/vote/ranking.hpp"
#include "quant/statistics.hpp"

namespace trm::arc {

using Solutions = std::vector<std::vector<Grid>>;  // [task][test]

// The solutions that a challenges file carries itself; nothing unless it carries those of all tasks without a fault.
[[nodiscard]] std::optional<Solutions> carried_solutions(std::span<const Task> tasks);

using Places = std::vector<std::vector<std::int64_t>>;  // [task][test]

// Place of each test input's solution among its candidates, from 0; -1: it is not among them.
[[nodiscard]] Places solution_places(const Ranking& ranking, const Solutions& solutions);

// Share of test inputs whose solution is among the first `k` candidates: mean over tasks of the mean over test inputs.
[[nodiscard]] double pass_at(std::int64_t k, const Places& places);

struct PassAt {
  std::int64_t k = 0;
  double share = 0;   // pass_at(k)
  Interval interval;  // 95 %, the tasks being drawn at random: mean_interval() over them
};

// For the K that the reference evaluator reports: 1, 2, 5, 10, 100 and 1000.
[[nodiscard]] std::vector<PassAt> pass_at_each_k(const Ranking& ranking, const Solutions& solutions);

}  // namespace trm::arc
