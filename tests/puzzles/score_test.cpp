#include "puzzles/score.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "puzzles/data_set.hpp"

using namespace trm;

TEST_CASE("ignored labels are neither hits nor misses") {
  const std::vector<std::uint8_t> predicted{5, 6, 7, 0};
  const std::vector<std::int32_t> labels{5, ignored_label, 8, ignored_label};
  const Score counted = score(predicted, labels);
  CHECK(counted.asked == 2);
  CHECK(counted.right == 1);
  CHECK_FALSE(counted.exact());
  CHECK(score(predicted, std::vector<std::int32_t>{5, 6, 7, ignored_label}).exact());
  CHECK_FALSE(score(predicted, std::vector<std::int32_t>(4, ignored_label)).exact());
}

TEST_CASE("means are over the examples that have labels") {
  const std::vector<Score> scores{{10, 10}, {4, 1}, {0, 0}};
  const Accuracy mean = accuracy(scores);
  CHECK(mean.examples == 2);
  CHECK(mean.exact_count == 1);
  CHECK(mean.exact == Approx(0.5));
  CHECK(mean.token == Approx((1.0 + 0.25) / 2));  // of each example's own share, not 11 of 14
  CHECK(accuracy({}).examples == 0);
}

// By definition the bounds are where the share lies z standard errors away, the error being the bound's own.
TEST_CASE("Wilson's interval fulfils its definition") {
  for (const std::size_t trials : {1U, 10U, 95U, 1000U}) {
    for (std::size_t successes = 0; successes <= trials; successes += 1 + trials / 17) {
      const auto n = static_cast<double>(trials);
      const double share = static_cast<double>(successes) / n;
      const Interval interval = wilson_interval(successes, trials);
      CHECK(interval.low <= share);
      CHECK(interval.high >= share);
      for (const double bound : {interval.low, interval.high}) {
        if (bound == share) continue;  // 0 of n and n of n
        CHECK(std::abs(share - bound) == Approx(1.959963984540054 * std::sqrt(bound * (1 - bound) / n)).margin(1e-12));
      }
    }
  }
  CHECK(wilson_interval(0, 10).low == 0);
  CHECK(wilson_interval(10, 10).high == 1);
  CHECK(wilson_interval(0, 0).low == 0);
  CHECK(wilson_interval(0, 0).high == 1);
}
