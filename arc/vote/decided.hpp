#pragma once
// Is a vote decided before all samples are in? "The answer" of a test input is its first two candidates, in order.

#include <cstdint>
#include <span>

#include "arc/vote/votes.hpp"

namespace trm::arc {

// No outcome of the `remaining` samples changes the answer: the first leads the second, and the second the third, by
// more votes than remain. More, because equal votes are settled by confidence, which the remaining samples move; and
// a candidate that nobody has seen yet counts as one with no votes. `ranking` as rank() gives it.
[[nodiscard]] bool decided(std::span<const Candidate> ranking, std::int64_t remaining);

// How likely the remaining samples are to change the answer: an upper estimate. The views of a task come in random
// order, so what was seen is a draw without replacement from all N = seen + remaining votes. Of two candidates with
// a >= b votes, the lead a - b then has about the variance (a + b + 1) remaining / N, and the second overtakes with
// probability Phi(-(a - b) / sqrt(variance)). Added up over the first against the second, the second against each
// candidate behind it, and the second against one not seen yet (b = 0).
[[nodiscard]] double chance_of_change(std::span<const Candidate> ranking, std::int64_t remaining);

// Votes below this chance of change count as probably decided.
inline constexpr double improbable = 0.01;

}  // namespace trm::arc
