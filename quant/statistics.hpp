#pragma once
// Confidence intervals for shares of right answers, and a test of the difference between two shares.

#include <cstddef>

namespace trm {

// Wilson's 95 % score interval for `successes` of `trials`; [0, 1] without trials.
struct Interval {
  double low = 0;
  double high = 1;
};
[[nodiscard]] Interval wilson_interval(std::size_t successes, std::size_t trials);

// The same for the mean of `count` values that lie between 0 and 1, such as tasks half of whose answers are right.
// Such values vary at most as much as values of 0 and 1 with the same mean, so the interval is wide enough.
[[nodiscard]] Interval mean_interval(double mean, std::size_t count);

// McNemar's exact test of two programs on the same puzzles: `only_first` puzzles are right by the first alone,
// `only_second` by the second alone. The probability, were the two equally good, of a split at least as uneven:
// two-sided, binomial with 1/2. 1 where they never differ.
[[nodiscard]] double mcnemar_p(std::size_t only_first, std::size_t only_second);

// Counts of two programs on the same puzzles, for the interval of each and the test of both.
struct PairedCount {
  std::size_t puzzles = 0;
  std::size_t first = 0;        // right by the first
  std::size_t second = 0;       // right by the second
  std::size_t only_first = 0;   // right by the first alone
  std::size_t only_second = 0;  // right by the second alone

  void add(bool first_right, bool second_right);
  [[nodiscard]] double p() const { return mcnemar_p(only_first, only_second); }
};

}  // namespace trm
