// When a vote counts as decided: against every way in which it could go on, and on the recorded votes.

#include "arc/decided.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <vector>

#include "arc/ranking.hpp"
#include "arc/recorded.hpp"

namespace trm::arc {
namespace {

Grid grid(std::uint8_t colour) {
  return {1, 1, {colour}};
}

// Do these lead to the same first two answers?
bool same_answer(const std::vector<Candidate>& a, const std::vector<Candidate>& b) {
  const auto at = [](const std::vector<Candidate>& ranking, std::size_t place) {
    return ranking[std::min(place, ranking.size() - 1)].grid;
  };
  return at(a, 0) == at(b, 0) && at(a, 1) == at(b, 1);
}

// Some continuation of `remaining` votes, each of any confidence for any grid seen or one never seen, that changes the
// answer: looked for by trying all.
bool can_change(std::vector<Prediction>& votes, std::int64_t remaining, const std::vector<Candidate>& now) {
  if (remaining == 0) return !same_answer(now, rank(votes));
  for (std::uint8_t colour = 0; colour < 5; ++colour) {
    for (const float q_halt : {-9.0F, 9.0F}) {
      votes.push_back({grid(colour), q_halt});
      const bool changes = can_change(votes, remaining - 1, now);
      votes.pop_back();
      if (changes) return true;
    }
  }
  return false;
}

}  // namespace

// Votes by which the first leads the second, or the second the third, if that is less.
std::int64_t lead(const std::vector<Candidate>& ranking) {
  const auto votes = [&](std::size_t place) { return place < ranking.size() ? ranking[place].votes : 0; };
  return std::min(votes(0) - votes(1), votes(1) - votes(2));
}

TEST_CASE("decided only when no continuation changes the answer, and then but for a tie in votes") {
  std::mt19937 random(3);
  int decided_votes = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::vector<Prediction> votes;
    const int seen = std::uniform_int_distribution(1, 12)(random);
    std::discrete_distribution<int> draw({8, 3, 1, 0.3});
    for (int i = 0; i < seen; ++i) {
      votes.push_back({grid(static_cast<std::uint8_t>(draw(random))), std::normal_distribution<float>()(random)});
    }
    const auto ranking = rank(votes);
    for (std::int64_t remaining = 0; remaining <= 3; ++remaining) {
      const bool is = decided(ranking, remaining);
      decided_votes += is && remaining > 0;
      if (is) {
        CHECK_FALSE(can_change(votes, remaining, ranking));
      } else if (lead(ranking) < remaining) {
        CHECK(can_change(votes, remaining, ranking));
      }
    }
  }
  CHECK(decided_votes > 20);
}

TEST_CASE("stopping where the vote is decided never changes a recorded answer; where it probably is, seldom") {
  const std::string folder = std::string(TRM_TEST_DATA) + "/voting";
  const auto tasks = read_challenges(folder + "/test_puzzles.json");
  auto ballots = empty_ballots(tasks);
  (void)add_recorded(folder, tasks, ballots, {});
  std::mt19937 random(5);
  std::int64_t samples = 0, exact_saved = 0, probable_saved = 0, votes = 0, changed = 0;
  for (int shuffle = 0; shuffle < 50; ++shuffle) {
    for (auto& task : ballots) {
      for (auto& input : task) {
        if (input.empty()) continue;
        std::shuffle(input.begin(), input.end(), random);
        const auto whole = rank(input);
        const auto total = static_cast<std::int64_t>(input.size());
        const auto stop_where = [&](const std::function<bool(const std::vector<Candidate>&, std::int64_t)>& rule) {
          std::int64_t n = 4;
          for (; n < total; n += 4) {
            const auto ranking = rank(std::span(input).first(static_cast<std::size_t>(n)));
            if (rule(ranking, total - n)) return std::pair(n, ranking);
          }
          return std::pair(total, whole);
        };
        const auto exact = stop_where([](const auto& r, auto left) { return decided(r, left); });
        CHECK(same_answer(exact.second, whole));
        const auto probable =
            stop_where([](const auto& r, auto left) { return chance_of_change(r, left) < improbable; });
        samples += total;
        votes += 1;
        exact_saved += total - exact.first;
        probable_saved += total - probable.first;
        changed += !same_answer(probable.second, whole);
      }
    }
  }
  WARN("samples saved: exact rule " << 100.0 * static_cast<double>(exact_saved) / static_cast<double>(samples)
                                    << " %, improbable change "
                                    << 100.0 * static_cast<double>(probable_saved) / static_cast<double>(samples)
                                    << " %, with " << changed << " of " << votes << " answers changed");
  CHECK(static_cast<double>(changed) <= 0.05 * static_cast<double>(votes));
  CHECK(probable_saved >= exact_saved);
}

}  // namespace trm::arc
