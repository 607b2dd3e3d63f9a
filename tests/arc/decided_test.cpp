// --until-decided on recorded votes (tests/data/voting): each test input's predictions arrive in 2000 random orders
// and are judged as `trm arc` judges them; the answer where sampling stops is compared with the full vote's.

#include "arc/vote/decided.hpp"

#include <algorithm>
#include <functional>
#include <iostream>
#include <random>

#include "arc/run/schedule.hpp"
#include "arc/vote/recorded.hpp"
#include "tests/catch.hpp"

namespace trm::arc::decided_test {
namespace {

constexpr int orders = 2000;

struct Replay {
  int stopped = 0;        // early
  int changed = 0;        // of these, the full vote has another answer
  int order_only = 0;     // of those, the same two in the other order
  std::size_t saved = 0;  // samples
  std::size_t asked = 0;
};

using Rule = std::function<bool(std::span<const Candidate>, std::int64_t remaining)>;

void replay(const std::vector<Prediction>& predictions, const Rule& rule, Replay& result) {
  const auto full = rank(predictions);
  const auto grid = [](const std::vector<Candidate>& ranking, std::size_t place) {
    return ranking[std::min(place, ranking.size() - 1)].grid;
  };
  result.asked += predictions.size();
  for (std::size_t seen = Schedule::judged_every; seen < predictions.size(); seen += Schedule::judged_every) {
    const auto now = rank(std::span(predictions).first(seen));
    if (!rule(now, static_cast<std::int64_t>(predictions.size() - seen))) continue;
    result.stopped += 1;
    result.saved += predictions.size() - seen;
    const bool same = grid(now, 0) == grid(full, 0) && grid(now, 1) == grid(full, 1);
    result.changed += same ? 0 : 1;
    result.order_only += !same && grid(now, 0) == grid(full, 1) && grid(now, 1) == grid(full, 0) ? 1 : 0;
    return;
  }
}

Replay replay_all(const Rule& rule) {
  const std::string voting = std::string(TRM_TEST_DATA) + "/voting";
  const auto tasks = read_challenges(voting + "/test_puzzles.json");
  Predictions predictions = no_predictions(tasks);
  (void)add_recorded(voting, tasks, predictions, {});
  std::mt19937 random(11);
  Replay result;
  for (auto& task : predictions) {
    for (auto& own : task) {
      for (int order = 0; order < orders && !own.empty(); ++order) {
        std::shuffle(own.begin(), own.end(), random);
        replay(own, rule, result);
      }
    }
  }
  return result;
}

void say(const char* name, const Replay& result) {
  std::cout << name << ": " << result.saved << " of " << result.asked << " samples saved, " << result.stopped
            << " votes stopped early, " << result.changed << " with another answer (" << result.order_only
            << " of them in another order only)\n";
}

}  // namespace

TEST_CASE("the exact rule never changes an answer, and saves samples") {
  const Replay result = replay_all(decided);
  say("exact", result);
  CHECK(result.stopped > 0);
  CHECK(result.changed == 0);
}

TEST_CASE("the probable rule changes an answer in at most 1 % of the votes that it stops") {
  const Replay result = replay_all([](std::span<const Candidate> ranking, std::int64_t remaining) {
    return chance_of_change(ranking, remaining) < improbable;
  });
  say("probable", result);
  CHECK(result.stopped > 0);
  CHECK(result.changed * 100 <= result.stopped);
  CHECK(result.saved > replay_all(decided).saved);
}

}  // namespace trm::arc::decided_test
