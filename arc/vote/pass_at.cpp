#include "arc/vote/pass_at.hpp"

#include <algorithm>

namespace trm::arc {
namespace {

constexpr std::array<std::int64_t, 6> reported_k{1, 2, 5, 10, 100, 1000};

}  // namespace

std::optional<Solutions> carried_solutions(std::span<const Task> tasks) {
  Solutions solutions;
  for (const Task& task : tasks) {
    solutions.emplace_back();
    if (!task.fault.empty()) {  // such a task has no candidates and counts as not solved
      solutions.back().resize(task.test.size());
      continue;
    }
    for (const std::optional<Grid>& answer : task.expected) {
      if (!answer) return std::nullopt;
      solutions.back().push_back(*answer);
    }
  }
  return solutions;
}

Places solution_places(const Ranking& ranking, const Solutions& solutions) {
  Places places(ranking.size());
  for (std::size_t task = 0; task < ranking.size(); ++task) {
    for (std::size_t test = 0; test < ranking[task].size(); ++test) {
      const auto& candidates = ranking[task][test];
      const auto found = std::find_if(candidates.begin(), candidates.end(),
                                      [&](const Candidate& c) { return c.grid == solutions[task][test]; });
      places[task].push_back(found == candidates.end() ? -1 : found - candidates.begin());
    }
  }
  return places;
}

double pass_at(std::int64_t k, const Places& places) {
  double sum = 0;
  for (const auto& task : places) {
    const auto solved = std::count_if(task.begin(), task.end(), [k](std::int64_t at) { return at >= 0 && at < k; });
    sum += static_cast<double>(solved) / std::max(1.0, static_cast<double>(task.size()));
  }
  return sum / std::max(1.0, static_cast<double>(places.size()));
}

std::vector<PassAt> pass_at_each_k(const Ranking& ranking, const Solutions& solutions) {
  const Places places = solution_places(ranking, solutions);
  std::vector<PassAt> all;
  for (const std::int64_t k : reported_k) {
    const double share = pass_at(k, places);
    all.push_back({k, share, mean_interval(share, places.size())});
  }
  return all;
}

}  // namespace trm::arc
