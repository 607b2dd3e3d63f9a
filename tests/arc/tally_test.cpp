// The tally against rank(), which is checked against the reference's votes: the same candidates, the same bits, in
// whatever order the samples come.

#include "arc/vote/tally.hpp"

#include <algorithm>
#include <random>

#include "arc/vote/decided.hpp"
#include "tests/catch.hpp"

namespace trm::arc::tally_test {
namespace {

Grid random_grid(std::mt19937& random, int kinds) {
  std::mt19937 own(static_cast<unsigned>(random() % static_cast<unsigned>(kinds)));
  Grid grid{static_cast<std::int64_t>(own() % 31), static_cast<std::int64_t>(own() % 31), {}};
  if (grid.rows == 0 || grid.cols == 0) grid = {};  // as crop() leaves an empty grid
  grid.cells.resize(static_cast<std::size_t>(grid.rows * grid.cols));
  for (auto& cell : grid.cells) cell = static_cast<std::uint8_t>(own() % 10);
  return grid;
}

void check_equal(const std::vector<Candidate>& a, const std::vector<Candidate>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].grid == b[i].grid);
    CHECK(a[i].votes == b[i].votes);
    CHECK(a[i].confidence == b[i].confidence);
    CHECK(a[i].q_halt == b[i].q_halt);
    CHECK(a[i].steps == b[i].steps);
  }
}

}  // namespace

TEST_CASE("A tally ranks as rank() does, whatever the order in which samples come and are looked at") {
  std::mt19937 random(7);
  for (int run = 0; run < 60; ++run) {
    const std::size_t samples = random() % 300;
    const int kinds = 1 + static_cast<int>(random() % 60);
    std::vector<std::pair<std::int64_t, Prediction>> placed;
    for (std::size_t i = 0; i < samples; ++i) {
      const auto q = static_cast<float>(random() % 1000) / 100.0F - 5.0F;
      placed.push_back({static_cast<std::int64_t>(3 * i + 1),
                        {random_grid(random, kinds), q, static_cast<std::int64_t>(1 + random() % 16)}});
    }
    std::vector<Prediction> predictions;
    for (const auto& sample : placed) predictions.push_back(sample.second);
    const auto expected = rank(predictions);
    if (run % 2 == 1) std::ranges::shuffle(placed, random);
    Tally tally;
    for (const auto& [place, prediction] : placed) {
      tally.add(place, prediction);
      tally.add(place, {random_grid(random, 1000), 0, 1});  // a place counts once
      if (random() % 20 == 0) (void)tally.ranking(2, nullptr);
    }
    check_equal(tally.ranking(samples, nullptr), expected);
    for (const std::int64_t remaining : {1, 5, 100}) {
      CHECK(decided(tally.standing(), remaining) == decided(expected, remaining));
      CHECK(chance_of_change(tally.standing(), remaining) == chance_of_change(expected, remaining));
    }
    const Grid* truth = expected.empty() ? nullptr : &expected[expected.size() / 2].grid;
    auto dropped = expected;
    drop_grids(dropped, 3, truth);
    check_equal(tally.ranking(3, truth), dropped);
  }
}

}  // namespace trm::arc::tally_test
