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

}  // namespace trm::puzzles_choice_test
