// Three examples by hand: solved at step 2 and halted there; halted at 1 on a wrong answer; never halted, solved at 3.

#include "puzzles/step_curve.hpp"
#include "tests/catch.hpp"

namespace trm::puzzles_step_curve_test {

TEST_CASE("a step curve counts every step, and what halting keeps") {
  const std::vector<std::vector<StepOutcome>> examples = {
      {{false, false, -3}, {true, true, 1}, {true, false, 2}},
      {{false, true, 3}, {true, false, -1}, {false, false, 1}},
      {{false, false, -3}, {false, false, -3}, {true, false, 0}},
  };
  const auto curve = step_curve(examples);
  REQUIRE(curve.size() == 3);
  CHECK(curve[0].exact == 0);
  CHECK(curve[1].exact == 2);
  CHECK(curve[2].exact == 2);
  CHECK(curve[0].mean_q == Approx(-1));
  CHECK(curve[2].mean_q == Approx(1));
  CHECK(curve[0].halted == 1);
  CHECK(curve[1].halted == 2);
  CHECK(curve[2].halted == 2);
  CHECK(curve[1].exact_halting == 1);  // the second stopped on its wrong first answer
  CHECK(curve[2].exact_halting == 2);
  CHECK(curve[0].mean_steps == Approx(1));
  CHECK(curve[1].mean_steps == Approx(5.0 / 3));
  CHECK(curve[2].mean_steps == Approx(2));
  CHECK(curve[2].saved() == Approx(1.0 / 3));
  CHECK(step_curve({}).empty());
}

}  // namespace trm::puzzles_step_curve_test
