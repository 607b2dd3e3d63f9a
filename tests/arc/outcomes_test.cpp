// When a vote may end early: the exact rule against every possible outcome, both rules on drawn votes.

#include "arc/vote/decided.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <iostream>
#include <random>

namespace trm::arc::outcomes_test {
namespace {

Prediction vote(std::uint8_t colour, float q_halt) {
  return {{1, 1, {colour}}, q_halt};
}

std::pair<Grid, Grid> answer(std::span<const Prediction> predictions) {
  const auto ranking = rank(predictions);
  if (ranking.empty()) return {};
  return {ranking[0].grid, ranking[ranking.size() > 1 ? 1 : 0].grid};
}

// Can `remaining` more votes, for anybody and of any confidence, change the answer?
bool can_change(std::vector<Prediction>& predictions, int remaining, const std::pair<Grid, Grid>& now) {
  if (answer(predictions) != now) return true;
  if (remaining == 0) return false;
  for (std::uint8_t colour = 0; colour < 5; ++colour) {
    for (const float q_halt : {-50.0F, 50.0F}) {
      predictions.push_back(vote(colour, q_halt));
      const bool changed = can_change(predictions, remaining - 1, now);
      predictions.pop_back();
      if (changed) return true;
    }
  }
  return false;
}

struct Early {
  std::size_t votes = 0;  // of all test inputs
  std::size_t saved = 0;
  std::size_t stopped = 0;  // early, test inputs
  std::size_t wrong = 0;    // with another answer than all votes give
  std::size_t inputs = 0;

  void add(const Early& more) {
    votes += more.votes, saved += more.saved, stopped += more.stopped, wrong += more.wrong, inputs += more.inputs;
  }
};

// One test input, judged after every fourth vote as `trm arc` does.
template <class Rule>
Early stop_early(std::span<const Prediction> predictions, const Rule& rule) {
  const std::size_t all = predictions.size();
  for (std::size_t seen = 4; seen < all; seen += 4) {
    const auto some = predictions.first(seen);
    if (!rule(rank(some), static_cast<std::int64_t>(all - seen))) continue;
    return {all, all - seen, 1, answer(some) != answer(predictions) ? std::size_t{1} : std::size_t{0}, 1};
  }
  return {all, 0, 0, 0, 1};
}

bool probable(std::span<const Candidate> ranking, std::int64_t remaining) {
  return chance_of_change(ranking, remaining) < improbable;
}

void report(const std::string& name, const Early& early) {
  std::cout << name << ": " << early.saved << " of " << early.votes << " votes saved ("
            << 100 * static_cast<double>(early.saved) / static_cast<double>(early.votes) << " %), " << early.wrong
            << " of " << early.inputs << " answers changed\n";
}

// A task's votes: the shares of its answers fall off geometrically.
std::vector<Prediction> drawn_votes(std::size_t count, double decay, std::mt19937& random) {
  std::geometric_distribution<int> place(1 - decay);
  std::normal_distribution<float> q_halt;
  std::vector<Prediction> votes;
  for (std::size_t i = 0; i < count; ++i) {
    const int at = place(random);
    votes.push_back(
        {{1, 2, {static_cast<std::uint8_t>(at % 10), static_cast<std::uint8_t>(at / 10 % 10)}}, q_halt(random)});
  }
  return votes;
}

}  // namespace

TEST_CASE("a vote is decided exactly when no outcome of the rest changes the first two answers") {
  int decided_cases = 0;
  for (int first = 0; first <= 6; ++first) {
    for (int second = 0; second <= first; ++second) {
      for (int third = 0; third <= second; ++third) {
        std::vector<Prediction> predictions;
        for (int i = 0; i < first; ++i) predictions.push_back(vote(0, 0));
        for (int i = 0; i < second; ++i) predictions.push_back(vote(1, 0));
        for (int i = 0; i < third; ++i) predictions.push_back(vote(2, 0));
        for (int remaining = 0; remaining <= 3; ++remaining) {
          CAPTURE(first, second, third, remaining);
          const bool verdict = decided(rank(predictions), remaining);
          CHECK(verdict == !can_change(predictions, remaining, answer(predictions)));
          decided_cases += verdict ? 1 : 0;
        }
      }
    }
  }
  CHECK(decided_cases > 84);  // one of each vote that nothing is left of, and more
}

TEST_CASE("the probable rule changes at most one answer in a hundred, on drawn votes") {
  std::mt19937 random(11);
  for (const std::size_t count : {32U, 200U, 1000U}) {
    for (const double decay : {0.2, 0.5, 0.8}) {
      Early exact;
      Early likely;
      for (int round = 0; round < 400; ++round) {
        const auto votes = drawn_votes(count, decay, random);
        exact.add(stop_early(std::span<const Prediction>(votes), decided));
        likely.add(stop_early(std::span<const Prediction>(votes), probable));
      }
      const std::string name = std::to_string(count) + " votes, decay " + std::to_string(decay);
      report(name + ", exact", exact);
      report(name + ", probable", likely);
      CHECK(exact.wrong == 0);
      CHECK(static_cast<double>(likely.wrong) <= 0.01 * static_cast<double>(likely.inputs));
    }
  }
}

}  // namespace trm::arc::outcomes_test
