#include "arc/vote/resampling.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>
#include <random>

namespace trm::arc {
namespace {

// `count` of the ballot's predictions in their order, every choice as likely.
std::vector<Prediction> draw(const std::vector<Prediction>& ballot, std::size_t count, std::mt19937_64& random) {
  if (count >= ballot.size()) return ballot;
  std::vector<Prediction> drawn;
  drawn.reserve(count);
  std::sample(ballot.begin(), ballot.end(), std::back_inserter(drawn), count, random);  // keeps the order
  return drawn;
}

// One draw from every ballot, ranked.
Ranking rank_draw(const Ballots& ballots, std::size_t votes, std::mt19937_64& random) {
  Ranking ranking(ballots.size());
  for (std::size_t task = 0; task < ballots.size(); ++task) {
    for (const auto& ballot : ballots[task]) ranking[task].push_back(rank(draw(ballot, votes, random)));
  }
  return ranking;
}

std::vector<std::size_t> vote_numbers(const Ballots& ballots) {
  std::size_t most = 1;
  for (const auto& task : ballots) {
    for (const auto& ballot : task) most = std::max(most, ballot.size());
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

std::vector<VotePoint> resample(const Ballots& ballots, const Solutions& solutions, const ResamplingOptions& options) {
  std::vector<VotePoint> points;
  for (const std::size_t votes : vote_numbers(ballots)) {
    std::vector<double> pass_1(options.resamples), pass_2(options.resamples);
    const auto count = static_cast<std::int64_t>(options.resamples);
    std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic) num_threads(options.threads)
    for (std::int64_t i = 0; i < count; ++i) {
      try {
        const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
        std::seed_seq sequence{low(options.seed), low(options.seed >> 32), low(votes),
                               low(static_cast<std::uint64_t>(i))};
        std::mt19937_64 random(sequence);
        const auto hits = places(rank_draw(ballots, votes, random), solutions);
        pass_1[static_cast<std::size_t>(i)] = pass_at(1, hits);
        pass_2[static_cast<std::size_t>(i)] = pass_at(2, hits);
      } catch (...) {
#pragma omp critical
        failure = std::current_exception();
      }
    }
    if (failure) std::rethrow_exception(failure);
    points.push_back(
        {votes, summarise(std::move(pass_1), ballots.size()), summarise(std::move(pass_2), ballots.size())});
  }
  return points;
}

}  // namespace trm::arc
