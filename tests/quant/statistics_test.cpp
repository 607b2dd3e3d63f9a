#include "quant/statistics.hpp"
#include "tests/catch.hpp"

#include <cmath>
#include <random>

namespace trm::quant_statistics_test {

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

TEST_CASE("A mean's interval is Wilson's where values are 0 or 1, and holds often enough where they lie between") {
  CHECK(mean_interval(0.25, 40).low == wilson_interval(10, 40).low);
  CHECK(mean_interval(0.25, 40).high == wilson_interval(10, 40).high);
  CHECK(mean_interval(0.5, 0).high == 1);
  std::mt19937 random(7);
  int held = 0;
  for (int round = 0; round < 2000; ++round) {
    double sum = 0;
    constexpr double scores[] = {0, 0, 0.5, 0.5, 1};
    for (int task = 0; task < 50; ++task) sum += scores[random() % 5];
    const Interval interval = mean_interval(sum / 50, 50);
    held += interval.low <= 0.4 && 0.4 <= interval.high ? 1 : 0;
  }
  CHECK(held >= 1900);
}

TEST_CASE("McNemar's p is the binomial tail, doubled") {
  CHECK(mcnemar_p(0, 0) == 1);
  CHECK(mcnemar_p(0, 1) == 1);
  CHECK(mcnemar_p(0, 5) == Approx(2.0 / 32));
  CHECK(mcnemar_p(9, 1) == Approx(2.0 * (1 + 10) / 1024));
  CHECK(mcnemar_p(2, 8) == Approx(2.0 * (1 + 10 + 45) / 1024));
  CHECK(mcnemar_p(3, 3) == 1);
  CHECK(mcnemar_p(2, 8) == mcnemar_p(8, 2));
}

// Expected: sums of exact binomial coefficients as Python's fractions.
TEST_CASE("McNemar's p of thousands neither overflows nor vanishes") {
  CHECK(mcnemar_p(21, 9) == Approx(0.04277394525706768).epsilon(1e-9));
  CHECK(mcnemar_p(900, 1100) == Approx(8.457089535503927e-06).epsilon(1e-9));
  CHECK(mcnemar_p(1500, 1700) == Approx(0.00043334035939975035).epsilon(1e-9));
}

TEST_CASE("paired answers are counted for both tests") {
  PairedCount paired;
  paired.add(true, true);
  paired.add(true, false);
  paired.add(false, true);
  paired.add(true, false);
  paired.add(false, false);
  CHECK(paired.puzzles == 5);
  CHECK(paired.first == 3);
  CHECK(paired.second == 2);
  CHECK(paired.only_first == 2);
  CHECK(paired.only_second == 1);
  CHECK(paired.p() == mcnemar_p(2, 1));
}

}  // namespace trm::quant_statistics_test
