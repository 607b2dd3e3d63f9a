#pragma once
// How many tasks are solved, as the reference evaluator counts, and how sure one can be of it.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/vote/ranking.hpp"
#include "quant/statistics.hpp"

namespace trm::arc {

inline constexpr std::array<std::int64_t, 6> counted_candidates{1, 2, 5, 10, 100, 1000};

using Solutions = std::vector<std::vector<Grid>>;  // [task][test]

// Those that a challenges file carries itself; nothing unless it carries all of them.
[[nodiscard]] std::optional<Solutions> carried_solutions(std::span<const Task> tasks);

// Place of each test input's answer among its candidates, from 0; -1: not among them. [task][test]
[[nodiscard]] std::vector<std::vector<std::int64_t>> places(const Ranking& ranking, const Solutions& solutions);

struct PassAt {
  std::int64_t k = 0;
  double share = 0;   // pass_at(k)
  Interval interval;  // 95 %, the tasks being drawn at random: mean_interval() over them
};
[[nodiscard]] std::vector<PassAt> score(const Ranking& ranking, const Solutions& solutions);

}  // namespace trm::arc
