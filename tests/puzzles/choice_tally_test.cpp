// Answers of one cell, by hand.

#include "puzzles/choice_tally.hpp"

#include <array>

#include "puzzles/data_set.hpp"
#include "tests/catch.hpp"

namespace trm::puzzles_choice_tally_test {

TEST_CASE("a tally counts each way of choosing on the same answers") {
  const std::array<std::int32_t, 1> one{1}, two{2}, three{3};
  const std::array<std::int32_t, 1> label{1};
  ChoiceTally tally;
  tally.add(std::array<TrajectoryAnswer, 3>{{{one, 5}, {two, 1}, {two, 1}}},
            label);  // the surest is right, the vote wrong
  tally.add(std::array<TrajectoryAnswer, 3>{{{two, 5}, {one, 1}, {one, 1}}}, label);  // the other way round
  tally.add(std::array<TrajectoryAnswer, 3>{{{two, 5}, {two, 1}, {one, 1}}}, label);  // only a perfect choice finds it
  tally.add(std::array<TrajectoryAnswer, 3>{{{two, 5}, {three, 1}, {two, 1}}}, label);  // nothing would
  tally.add(std::array<TrajectoryAnswer, 3>{{{one, 1}, {one, 1}, {one, 1}}}, std::array{ignored_label});
  CHECK(tally.examples == 4);
  CHECK(tally.best_q == 1);
  CHECK(tally.vote == 1);
  CHECK(tally.any == 3);
  CHECK(tally.single() == Approx(4.0 / 12));
}

}  // namespace trm::puzzles_choice_tally_test
