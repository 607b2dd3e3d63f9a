// Teams: every block is computed once, and phases follow one another. The thread sanitizer sees a missing order.

#include "runtime/team.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace trm::runtime_team_test {
namespace {

// Runs program(team) with so many members that come.
template <class Program>
void with_team(Team& team, int members, Program&& program) {
  std::vector<std::thread> threads;
  for (int member = 1; member < members; ++member) threads.emplace_back([&, member] { team.help(member); });
  program(team);
  team.dismiss();
  for (auto& thread : threads) thread.join();
}

constexpr std::int64_t phases = 60, most = 13;
std::int64_t count_of(std::int64_t phase) {
  return phase * 7 % (most + 1);
}

// Runs phases whose blocks look at all blocks of the phase before; checks that each was done once.
void check_phases(Team& team, int members) {
  // done[phase][block], not atomic: a phase begins when the one before has ended.
  std::vector<std::vector<int>> done(phases, std::vector<int>(most, 0));
  std::vector<int> unseen(static_cast<std::size_t>(team.size()), 0);
  with_team(team, members, [&](Team&) {
    for (std::int64_t phase = 0; phase < phases; ++phase) {
      team.for_blocks(count_of(phase), [&](std::int64_t block, int member) {
        ++done[static_cast<std::size_t>(phase)][static_cast<std::size_t>(block)];
        if (phase == 0) return;
        const auto& before = done[static_cast<std::size_t>(phase - 1)];
        const auto finished = std::count(before.begin(), before.end(), 1);
        if (finished != count_of(phase - 1)) ++unseen[static_cast<std::size_t>(member)];
      });
    }
  });
  for (std::int64_t phase = 0; phase < phases; ++phase) {
    const auto& blocks = done[static_cast<std::size_t>(phase)];
    CHECK(std::count(blocks.begin(), blocks.end(), 1) == count_of(phase));
    CHECK(std::count(blocks.begin(), blocks.end(), 0) == most - count_of(phase));
  }
  CHECK(std::count(unseen.begin(), unseen.end(), 0) == team.size());
}

TEST_CASE("a team does every block of every phase once, and a phase sees all of the one before") {
  for (int size = 1; size <= 5; ++size) {
    for (const int cpus : {1, 2, size}) {
      CAPTURE(size, cpus);
      Team team(size, cpus);
      team.call_all();
      check_phases(team, size);
      team.reopen();
      team.call_for_steps();
      check_phases(team, size);
    }
  }
}

TEST_CASE("a team works with the members that come") {
  Team team(5);
  check_phases(team, 1);
  team.reopen();
  check_phases(team, 3);
  team.reopen();
  check_phases(team, 5);
}

TEST_CASE("a dismissal reaches members that are about to sleep") {
  constexpr int size = 4;
  for (const int cpus : {1, size}) {  // members that are not called, and those who wait for the next phase
    Team team(size, cpus);
    for (int i = 0; i < 50; ++i) {
      std::atomic<int> looks{0};  // the last member begins while the lead looks
      std::vector<std::thread> members;
      for (int member = 1; member < size; ++member) members.emplace_back([&, member] { team.help(member); });
      while (++looks < i * 100) {
      }
      team.dismiss();
      for (auto& member : members) member.join();  // ends when all have seen it
      team.reopen();
      team.call_for_steps();
    }
  }
}

TEST_CASE("a member that is late between two phases holds nobody up") {
  Team team(3);
  std::atomic<bool> ended{false};
  std::thread late([&] {
    while (!ended) std::this_thread::yield();
    team.help(2);  // the team is dismissed
  });
  check_phases(team, 2);
  ended = true;
  late.join();
}

// Steps as a machine takes them; seconds(members) says how long.
template <class Seconds>
double spend(TeamSize& size, int steps, Seconds&& seconds) {
  double spent = 0;
  for (int i = 0; i < steps; ++i) {
    const double one = seconds(size.members());
    spent += one;
    size.step_took(one);
  }
  return spent;
}

TEST_CASE("a team stays whole on a quiet machine, through single hitches") {
  TeamSize size(2);
  int step = 0;
  spend(size, 8, [&](int members) { return 1.0 / members + (++step == 1 ? 20.0 : 0); });  // from cold caches
  CHECK(size.members() == 2);
  spend(size, 1000, [&](int members) { return 1.0 / members + (++step % 50 == 0 ? 1.0 : 0); });
  CHECK(size.members() == 2);
}

TEST_CASE("a team that waits shrinks, and grows again when the machine is quiet") {
  for (const int all : {2, 3, 8, 16}) {
    CAPTURE(all);
    TeamSize size(all);
    const auto quiet = [](int members) { return 1.0 / members; };
    const auto busy = [](int members) { return members == 1 ? 1.0 : 3.0; };
    spend(size, 20, quiet);
    CHECK(size.members() == all);
    CHECK(spend(size, 1000, busy) < 1.15 * 1000);
    spend(size, 1000, quiet);
    CHECK(size.members() == all);
  }
}

TEST_CASE("where waiting comes and goes, a team is not much slower than one thread") {
  TeamSize size(2);
  int step = 0;
  const auto busy = [&](int members) { return members == 1 ? 1.0 : (++step % 3 == 0 ? 6.0 : 0.5); };  // 2.3 on average
  CHECK(spend(size, 1000, busy) < 1.2 * 1000);
}

TEST_CASE("a team of one has nothing to choose") {
  TeamSize size(1);
  spend(size, 100, [](int) { return 1.0; });
  CHECK(size.members() == 1);
}

// Says what is wrong with how blocks cover [0, total); empty: nothing.
std::int64_t faults(const Blocks& blocks, std::int64_t total, std::int64_t largest, int members) {
  std::int64_t wrong = 0, next = 0, smallest = total, longest = 0;
  for (std::int64_t block = 0; block < blocks.count; ++block) {
    wrong += blocks.begin(block) != next;
    next += blocks.size(block);
    smallest = std::min(smallest, blocks.size(block));
    longest = std::max(longest, blocks.size(block));
  }
  wrong += next != total;
  wrong += longest > largest || longest - smallest > 1 || (blocks.count > 0 && smallest == 0);
  // All members have work, unless there are fewer rows than members.
  wrong += blocks.count < std::min<std::int64_t>(total, members);
  wrong += total > largest * members && blocks.count % members != 0 && blocks.count != total;
  return wrong;
}

std::int64_t tiles(const Blocks& blocks, std::int64_t tile) {
  std::int64_t count = 0;
  for (std::int64_t block = 0; block < blocks.count; ++block) count += (blocks.size(block) + tile - 1) / tile;
  return count;
}

TEST_CASE("blocks cover everything once, equally, and none is too large") {
  std::int64_t wrong = 0;
  for (std::int64_t total = 0; total <= 300; ++total) {
    for (const std::int64_t largest : {1, 6, 14, 56}) {
      for (int members = 1; members <= 5; ++members) {
        const auto plain = Blocks::split(total, largest, members);
        wrong += faults(plain, total, largest, members);
        for (const std::int64_t tile : {1, 4, 14}) {
          const auto tiled = Blocks::split(total, largest, members, tile);
          wrong += faults(tiled, total, largest, members);
          wrong += tiles(tiled, tile) > tiles(plain, tile) || 2 * tiled.count > 3 * plain.count;
        }
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(tiles(Blocks::split(916, 56, 2), 14) == 72);
  CHECK(tiles(Blocks::split(916, 56, 2, 14), 14) == 66);
}

}  // namespace
}  // namespace trm::runtime_team_test
