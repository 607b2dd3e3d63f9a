#include "arc/vote/decided.hpp"

#include <cmath>
#include <numbers>

namespace trm::arc {
namespace {

std::int64_t votes_at(std::span<const Candidate> ranking, std::size_t place) {
  return place < ranking.size() ? ranking[place].votes : 0;
}

}  // namespace

bool decided(std::span<const Candidate> ranking, std::int64_t remaining) {
  if (remaining <= 0) return true;
  return votes_at(ranking, 0) > votes_at(ranking, 1) + remaining &&
         votes_at(ranking, 1) > votes_at(ranking, 2) + remaining;
}

double chance_of_change(std::span<const Candidate> ranking, std::int64_t remaining) {
  if (remaining <= 0) return 0;
  auto seen = 0.0;
  for (const Candidate& candidate : ranking) seen += static_cast<double>(candidate.votes);
  const double left_of_all = static_cast<double>(remaining) / (seen + static_cast<double>(remaining));
  const auto overtakes = [&](std::int64_t a, std::int64_t b) {
    const double deviation = std::sqrt(static_cast<double>(a + b + 1) * left_of_all);
    return 0.5 * std::erfc(static_cast<double>(a - b) / deviation / std::numbers::sqrt2);
  };
  const std::int64_t second = votes_at(ranking, 1);
  double chance = overtakes(votes_at(ranking, 0), second) + overtakes(second, 0);
  for (std::size_t place = 2; place < ranking.size(); ++place) chance += overtakes(second, ranking[place].votes);
  return chance < 1 ? chance : 1;
}

}  // namespace trm::arc
