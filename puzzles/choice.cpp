#include "puzzles/choice.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace trm {
namespace {

// The trajectories of one answer.
struct Faction {
  std::size_t first = 0;
  std::size_t surest = 0;  // of the highest q_halt
  std::size_t size = 0;
  double q_sum = 0;

  [[nodiscard]] double mean_q() const { return q_sum / static_cast<double>(size); }
};

// In the order of their first trajectories.
std::vector<Faction> factions_of(std::span<const TrajectoryAnswer> given) {
  std::vector<Faction> factions;
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto found = std::ranges::find_if(factions, [&](const Faction& faction) {
      return std::ranges::equal(given[faction.first].answer, given[i].answer);
    });
    if (found == factions.end()) found = factions.insert(found, {.first = i, .surest = i});
    if (given[i].q_halt > given[found->surest].q_halt) found->surest = i;
    found->size += 1;
    found->q_sum += static_cast<double>(given[i].q_halt);
  }
  return factions;
}

}  // namespace

double mean_top_probability(std::span<const float> logits, std::int64_t vocab_size) {
  const auto v = static_cast<std::size_t>(vocab_size);
  double sum = 0;
  for (std::size_t first = 0; first < logits.size(); first += v) {
    const auto cell = logits.subspan(first, v);
    const double top = static_cast<double>(*std::ranges::max_element(cell));
    double total = 0;
    for (const float logit : cell) total += std::exp(static_cast<double>(logit) - top);
    sum += 1 / total;
  }
  return sum / (static_cast<double>(logits.size()) / static_cast<double>(v));
}

void StepMeasure::add(std::span<const float> logits, std::int64_t vocab_size) {
  if (!before_.empty()) residual_.add(change_of_logits(before_, logits, vocab_size));
  before_.assign(logits.begin(), logits.end());
}

Choice choose(std::span<const TrajectoryAnswer> given, Best best) {
  const std::vector<Faction> factions = factions_of(given);
  if (best == Best::residual || best == Best::confidence) {
    const auto rank = [&](const TrajectoryAnswer& one) {
      return best == Best::residual ? -one.residual : one.confidence;
    };
    const auto chosen = std::ranges::max_element(given, {}, rank);  // the first of equal ones
    const auto faction = std::ranges::find_if(
        factions, [&](const Faction& one) { return std::ranges::equal(given[one.first].answer, chosen->answer); });
    return {.index = static_cast<std::size_t>(chosen - given.begin()), .agreeing = faction->size};
  }
  const auto less = [&](const Faction& a, const Faction& b) {
    if (best == Best::vote) return std::pair(a.size, a.mean_q()) < std::pair(b.size, b.mean_q());
    const float q_a = given[a.surest].q_halt, q_b = given[b.surest].q_halt;
    return q_a != q_b ? q_a < q_b : a.surest > b.surest;
  };
  const Faction& chosen = *std::ranges::max_element(factions, less);  // the first of equal ones
  return {.index = chosen.surest, .agreeing = chosen.size};
}

}  // namespace trm
