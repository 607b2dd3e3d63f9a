// Resampled votes against the exact chances in small votes.

#include "arc/vote/resampling.hpp"
#include "tests/catch.hpp"

namespace trm::arc::resampling_test {
namespace {

Grid grid(std::uint8_t colour) {
  return {.rows = 1, .cols = 1, .cells = {colour}};
}

const Solutions solutions = {{grid(1)}};

// Three votes for the answer, one surer one for another grid.
const Predictions predictions = {{{{grid(1), 0}, {grid(2), 3}, {grid(1), 0}, {grid(1), 0}}}};

}  // namespace

TEST_CASE("drawn votes find the answer as often as they should") {
  const auto points = resample(predictions, solutions, {.resamples = 4000, .seed = 1, .threads = 2});
  REQUIRE(points.size() == 3);
  CHECK(points[0].votes == 1);
  CHECK(points[1].votes == 2);
  CHECK(points[2].votes == 4);
  constexpr double margin = 0.03;  // nearly four standard deviations of a share of 4000
  CHECK(points[0].pass_1.mean == Approx(3.0 / 4).margin(margin));
  CHECK(points[0].pass_2.mean == points[0].pass_1.mean);
  // Of six pairs three are of the answer alone; in the others the surer grid comes first and the answer second.
  CHECK(points[1].pass_1.mean == Approx(1.0 / 2).margin(margin));
  CHECK(points[1].pass_2.mean == 1.0);
  CHECK(points[0].pass_1.draws.low == 0.0);
  CHECK(points[0].pass_1.draws.high == 1.0);
  // All votes: nothing is left to chance but the one task.
  CHECK(points[2].pass_1.mean == 1.0);
  CHECK(points[2].pass_1.draws.low == 1.0);
  CHECK(points[2].pass_1.over_tasks.low == Approx(0.2065).margin(1e-4));  // Wilson's, of 1 of 1
}

TEST_CASE("threads change no draw, the seed does") {
  const auto mean = [](std::uint64_t seed, int threads) {
    return resample(predictions, solutions, {.resamples = 50, .seed = seed, .threads = threads})[1].pass_1.mean;
  };
  CHECK(mean(1, 1) == mean(1, 3));
  bool differs = false;
  for (std::uint64_t seed = 2; seed < 12; ++seed) differs = differs || mean(seed, 1) != mean(1, 1);
  CHECK(differs);
}

TEST_CASE("a test input without votes is never right") {
  const auto points = resample({{{}}, {{{grid(1), 0}}}}, {{grid(1)}, {grid(1)}}, {.resamples = 3});
  REQUIRE(points.size() == 1);
  CHECK(points[0].votes == 1);
  CHECK(points[0].pass_1.mean == 0.5);
}

}  // namespace trm::arc::resampling_test
