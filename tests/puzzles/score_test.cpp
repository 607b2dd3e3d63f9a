#include "puzzles/score.hpp"

#include <vector>

#include "puzzles/data_set.hpp"
#include "tests/catch.hpp"

namespace trm::puzzles_score_test {

TEST_CASE("ignored labels are neither hits nor misses") {
  const std::vector<std::int32_t> predicted{5, 6, 7, 0};
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

}  // namespace trm::puzzles_score_test
