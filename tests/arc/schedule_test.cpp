// The order of samples, and when a vote is decided.

#include "arc/run/schedule.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "arc/vote/decided.hpp"
#include "tests/catch.hpp"

namespace trm::arc::schedule_test {
namespace {

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

Pairs pairs(const std::vector<ScheduledSample>& samples) {
  Pairs list;
  for (const auto& sample : samples) list.emplace_back(sample.input, sample.view);
  return list;
}

std::vector<Candidate> candidates(const std::vector<std::int64_t>& votes) {
  std::vector<Candidate> list;
  for (const std::int64_t count : votes) list.push_back({.grid = {}, .votes = count, .confidence = 0});
  return list;
}

// Votes of numbered answers, most first; equal ones by their smallest sample, as good as any rule.
std::vector<std::pair<std::int64_t, std::size_t>> tally(const std::vector<std::size_t>& answers, std::size_t count) {
  std::vector<std::pair<std::int64_t, std::size_t>> votes;  // (-votes, answer)
  for (std::size_t i = 0; i < count; ++i) {
    const auto found = std::find_if(votes.begin(), votes.end(), [&](const auto& v) { return v.second == answers[i]; });
    if (found == votes.end())
      votes.emplace_back(-1, answers[i]);
    else
      found->first -= 1;
  }
  std::stable_sort(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  votes.resize(std::max<std::size_t>(votes.size(), 1));
  return votes;
}

std::pair<std::size_t, std::size_t> first_two(const std::vector<std::size_t>& answers, std::size_t count) {
  const auto votes = tally(answers, count);
  return {votes[0].second, votes[votes.size() > 1 ? 1 : 0].second};
}

}  // namespace

TEST_CASE("samples go round the test inputs") {
  Schedule schedule(std::vector<std::size_t>{2, 0, 3}, {}, false);
  CHECK(schedule.left() == 5);
  CHECK(pairs(schedule.next(3)) == Pairs{{0, 0}, {2, 0}, {0, 1}});
  CHECK(pairs(schedule.next(9)) == Pairs{{2, 1}, {2, 2}});
  CHECK(schedule.next(1).empty());
}

TEST_CASE("shards are disjoint and all of it") {
  const std::vector<std::size_t> samples{5, 1, 7, 0, 3};
  std::set<std::pair<std::size_t, std::size_t>> seen;
  for (std::size_t index = 0; index < 4; ++index) {
    Schedule schedule(samples, {index, 4}, false);
    for (const auto& pair : pairs(schedule.next(100))) CHECK(seen.insert(pair).second);
  }
  CHECK(seen.size() == 16);
}

TEST_CASE("what is done is not done again, and counts in the round") {
  Schedule schedule(std::vector<std::size_t>{3, 3}, {}, false);
  CHECK(schedule.mark_done({0, 1}));
  CHECK_FALSE(schedule.mark_done({0, 1}));
  CHECK_FALSE(schedule.mark_done({0, 3}));
  CHECK(pairs(schedule.next(9)) == Pairs{{1, 0}, {0, 0}, {1, 1}, {0, 2}, {1, 2}});
}

TEST_CASE("judgements come after every fourth sample, and deferred test inputs last") {
  Schedule schedule(std::vector<std::size_t>{9, 6, 9}, {}, true);
  CHECK(schedule.next(100).size() == 12);
  CHECK(schedule.due() == std::vector<std::size_t>{0, 1, 2});
  CHECK(schedule.next(100).empty());
  schedule.defer(0, true);
  schedule.pass(0);
  schedule.pass(1);
  schedule.close(2);
  CHECK(pairs(schedule.next(4)) == Pairs{{1, 4}, {1, 5}, {0, 4}, {0, 5}});
  CHECK(schedule.left() == 3);
}

TEST_CASE("decided: more votes ahead than remain, in both places") {
  CHECK(decided(candidates({9, 4}), 3));
  CHECK_FALSE(decided(candidates({9, 4}), 4));      // a new one may draw level with the second
  CHECK_FALSE(decided(candidates({7, 4}), 3));      // the second may draw level with the first
  CHECK_FALSE(decided(candidates({20, 6, 4}), 2));  // and the third with the second
  CHECK(decided(candidates({20, 7, 4}), 2));
  CHECK_FALSE(decided(candidates({20}), 1));  // any other answer becomes the second
  CHECK(decided(candidates({20}), 0));
  CHECK_FALSE(decided({}, 1));
}

TEST_CASE("no completion of a decided vote changes its first two") {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::size_t> answers(1 + random() % 24);
    std::discrete_distribution<std::size_t> draw{8, 3, 1, 1, 1};
    for (auto& answer : answers) answer = draw(random);
    const std::size_t seen = random() % (answers.size() + 1);
    std::vector<std::int64_t> votes;
    for (const auto& [count, answer] : tally(answers, seen)) votes.push_back(-count);
    if (seen == 0) votes.clear();
    if (!decided(candidates(votes), static_cast<std::int64_t>(answers.size() - seen))) continue;
    const auto now = first_two(answers, seen);
    CHECK(first_two(answers, answers.size()) == now);
    for (std::size_t adversary = 0; adversary < 6; ++adversary) {  // all the rest for one candidate, or a new one
      auto worst = answers;
      std::fill(worst.begin() + static_cast<std::ptrdiff_t>(seen), worst.end(), adversary);
      CHECK(first_two(worst, worst.size()) == now);
    }
  }
}

}  // namespace trm::arc::schedule_test
