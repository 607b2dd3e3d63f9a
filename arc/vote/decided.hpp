#pragma once
// Is the answer to a test input decided before all samples are run? Its answer is its first two candidates, in order.

#include <cstdint>
#include <span>

#include "arc/vote/ranking.hpp"

namespace trm::arc {

// True if no outcome of the `remaining` samples changes the answer: the first candidate leads the second, and the
// second the third, by more votes than remain. (More, because confidence settles equal votes, and the remaining samples
// change it.) A candidate that no sample predicted yet counts as one with no votes. `ranking` as rank() gives it.
[[nodiscard]] bool decided(std::span<const Candidate> ranking, std::int64_t remaining);

// How likely the remaining samples are to change the answer: an upper estimate. The views of a task come in random
// order, so the votes so far are a draw without replacement from all N = seen + remaining votes. Of two candidates with
// a >= b votes, the lead a - b then has about the variance (a + b + 1) remaining / N, and the second overtakes with
// probability Phi(-(a - b) / sqrt(variance)). The estimate is the sum over: first against second, second against each
// candidate behind it, second against a candidate not seen yet (b = 0).
[[nodiscard]] double chance_of_change(std::span<const Candidate> ranking, std::int64_t remaining);

// Below this chance of change an answer counts as probably decided.
inline constexpr double improbable = 0.01;

}  // namespace trm::arc
