#include "arc/vote/score.hpp"

#include <algorithm>

namespace trm::arc {

std::optional<Solutions> carried_solutions(std::span<const Task> tasks) {
  Solutions solutions;
  for (const Task& task : tasks) {
    solutions.emplace_back();
    for (const std::optional<Grid>& answer : task.expected) {
      if (!answer) return std::nullopt;
      solutions.back().push_back(*answer);
    }
  }
  return solutions;
}

std::vector<std::vector<std::int64_t>> places(const Ranking& ranking, const Solutions& solutions) {
  std::vector<std::vector<std::int64_t>> all(ranking.size());
  for (std::size_t task = 0; task < ranking.size(); ++task) {
    for (std::size_t test = 0; test < ranking[task].size(); ++test) {
      const auto& candidates = ranking[task][test];
      const auto found = std::find_if(candidates.begin(), candidates.end(),
                                      [&](const Candidate& c) { return c.grid == solutions[task][test]; });
      all[task].push_back(found == candidates.end() ? -1 : found - candidates.begin());
    }
  }
  return all;
}

std::vector<PassAt> score(const Ranking& ranking, const Solutions& solutions) {
  const auto hits = places(ranking, solutions);
  std::vector<PassAt> scores;
  for (const std::int64_t k : counted_candidates) {
    const double share = pass_at(k, hits);
    scores.push_back({k, share, mean_interval(share, hits.size())});
  }
  return scores;
}

}  // namespace trm::arc
