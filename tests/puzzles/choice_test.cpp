// Which of several answers is taken, on answers made by hand.

#include "puzzles/choice.hpp"
#include "tests/catch.hpp"

#include <string>
#include <vector>

namespace trm::puzzles_choice_test {
namespace {

// Answers are named by a letter.
Choice chosen(const std::string& answers, const std::vector<float>& q_halt, Best best) {
  std::vector<TrajectoryAnswer> given;
  const std::vector<std::int32_t> cells(answers.begin(), answers.end());
  for (std::size_t i = 0; i < cells.size(); ++i) given.push_back({std::span(cells).subspan(i, 1), q_halt[i]});
  return choose(given, best);
}

void check(const Choice& choice, std::size_t index, std::size_t agreeing) {
  CHECK(choice.index == index);
  CHECK(choice.agreeing == agreeing);
}

}  // namespace

TEST_CASE("one answer is taken as it is") {
  check(chosen("a", {-3}, Best::q), 0, 1);
  check(chosen("a", {-3}, Best::vote), 0, 1);
}

TEST_CASE("best q is the highest q_halt, however rare its answer") {
  check(chosen("aabaa", {1, 2, 3, 0, -1}, Best::q), 2, 1);
  check(chosen("aabaa", {1, 4, 3, 0, -1}, Best::q), 1, 4);
  check(chosen("ab", {-2, -1}, Best::q), 1, 1);
}

TEST_CASE("of equal q_halt the first is best") {
  check(chosen("bab", {1, 2, 2}, Best::q), 1, 1);
  check(chosen("bba", {1, 2, 2}, Best::q), 1, 2);
  check(chosen("aa", {2, 2}, Best::q), 0, 2);
}

TEST_CASE("the vote goes to the most frequent answer, however unsure, by its surest trajectory") {
  check(chosen("baaca", {9, 1, 3, 9, 2}, Best::vote), 2, 3);
}

TEST_CASE("equally frequent answers: the higher mean q_halt, then the first") {
  check(chosen("abab", {1, 2, 3, 4}, Best::vote), 3, 2);          // means 2 and 3
  check(chosen("abab", {5, 3, 0, 3}, Best::vote), 1, 2);          // means 2.5 and 3, though a has the highest
  check(chosen("cbbcaa", {1, 2, 2, 3, 3, 1}, Best::vote), 3, 2);  // all means 2
}

TEST_CASE("the smallest residual and the highest confidence choose, the first of equal ones") {
  const std::vector<std::int32_t> a = {1, 2}, b = {3, 4};
  const std::vector<TrajectoryAnswer> given = {
      {.answer = a, .residual = 2, .confidence = 0.5},
      {.answer = b, .residual = 1, .confidence = 0.75},
      {.answer = b, .residual = 1, .confidence = 0.75},
      {.answer = a, .residual = 3, .confidence = 0.25},
  };
  CHECK(choose(given, Best::residual).index == 1);
  CHECK(choose(given, Best::residual).agreeing == 2);
  CHECK(choose(given, Best::confidence).index == 1);
}

TEST_CASE("a residual is the mean of the last three changes of the logits") {
  StepMeasure measure;
  CHECK(measure.residual() == 0);
  const auto step = [&](float x) {
    const std::vector<float> logits = {x, 0, 0, x};  // two cells of two tokens: each moves by the change of x
    measure.add(logits, 2);
    return measure.residual();
  };
  CHECK(step(0) == 0);
  CHECK(step(3) == Approx(3));
  CHECK(step(4) == Approx(2));
  CHECK(step(9) == Approx(3));  // 3, 1, 5
  CHECK(step(9) == Approx(2));  // 1, 5, 0
  CHECK(mean_top_probability(std::vector<float>{0, 0, 100, 0}, 2) == Approx(0.75));
}

}  // namespace trm::puzzles_choice_test
