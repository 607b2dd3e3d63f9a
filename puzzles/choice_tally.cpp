#include "puzzles/choice_tally.hpp"

#include <algorithm>
#include <vector>

#include "puzzles/score.hpp"

namespace trm {

void ChoiceTally::add(std::span<const TrajectoryAnswer> given, std::span<const std::int32_t> labels) {
  std::vector<bool> right;
  for (const TrajectoryAnswer& one : given) {
    const Score scored = score(one.answer, labels);
    if (scored.asked == 0) return;
    right.push_back(scored.exact());
  }
  const auto hits = static_cast<std::size_t>(std::ranges::count(right, true));
  examples += 1;
  best_q += right[choose(given, Best::q).index] ? 1 : 0;
  vote += right[choose(given, Best::vote).index] ? 1 : 0;
  any += hits > 0 ? 1 : 0;
  answers += given.size();
  right_answers += hits;
}

double ChoiceTally::single() const {
  return static_cast<double>(right_answers) / std::max(1.0, static_cast<double>(answers));
}

}  // namespace trm
