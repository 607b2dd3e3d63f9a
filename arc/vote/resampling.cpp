#include "arc/vote/resampling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "runtime/threads.hpp"

namespace trm::arc {
namespace {

// `count` of the predictions in their order; every choice is equally likely.
std::vector<Prediction> draw(const std::vector<Prediction>& all, std::size_t count, std::mt19937_64& random) {
  if (count >= all.size()) return all;
  std::vector<Prediction> drawn;
  drawn.reserve(count);
  std::sample(all.begin(), all.end(), std::back_inserter(drawn), count, random);  // keeps the order
  return drawn;
}

// The ranking of one draw from the predictions for every test input.
Ranking rank_draw(const Predictions& predictions, std::size_t votes, std::mt19937_64& random) {
  Ranking ranking(predictions.size());
  for (std::size_t task = 0; task < predictions.size(); ++task) {
    for (const auto& all : predictions[task]) ranking[task].push_back(rank(draw(all, votes, random)));
  }
  return ranking;
}

// 1, 2, 4, ... and the most that a test input has.
std::vector<std::size_t> vote_numbers(const Predictions& predictions) {
  std::size_t most = 1;
  for (const auto& task : predictions) {
    for (const auto& test_input : task) most = std::max(most, test_input.size());
  }
  std::vector<std::size_t> numbers;
  for (std::size_t votes = 1; votes < most; votes *= 2) numbers.push_back(votes);
  numbers.push_back(most);
  return numbers;
}

ResampledPass summarise(std::vector<double> shares, std::size_t tasks) {
  std::sort(shares.begin(), shares.end());
  const auto count = static_cast<double>(shares.size());
  const auto at = [&](double place) { return shares[static_cast<std::size_t>(place)]; };
  const double mean = std::accumulate(shares.begin(), shares.end(), 0.0) / count;
  constexpr double tail = 0.025;
  // Rounded outwards: the interval holds at least 95 % of the draws.
  return {.mean = mean,
          .draws = {at(std::floor(tail * (count - 1))), at(std::ceil((1 - tail) * (count - 1)))},
          .over_tasks = mean_interval(mean, tasks)};
}

}  // namespace

std::vector<VotePoint> resample(const Predictions& predictions, const Solutions& solutions,
                                const ResamplingOptions& options) {
  std::vector<VotePoint> points;
  for (const std::size_t votes : vote_numbers(predictions)) {
    std::vector<double> pass_1(options.resamples), pass_2(options.resamples);
    const auto count = static_cast<std::int64_t>(options.resamples);
    for_each(count, options.threads, [&](std::int64_t i) {
      const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
      std::seed_seq sequence{low(options.seed), low(options.seed >> 32), low(votes),
                             low(static_cast<std::uint64_t>(i))};
      std::mt19937_64 random(sequence);
      const Places places = solution_places(rank_draw(predictions, votes, random), solutions);
      pass_1[static_cast<std::size_t>(i)] = pass_at(1, places);
      pass_2[static_cast<std::size_t>(i)] = pass_at(2, places);
    });
    points.push_back(
        {votes, summarise(std::move(pass_1), predictions.size()), summarise(std::move(pass_2), predictions.size())});
  }
  return points;
}

}  // namespace trm::arc
