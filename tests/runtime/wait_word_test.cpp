// Nobody sleeps for ever: threads that sleep and are woken thousands of times. Where a wake-up is lost a case hangs,
// and CTest's time limit ends it. GCC 12's std::atomic::wait lost some on Windows.

#include "runtime/threads.hpp"
#include "tests/catch.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace trm::runtime_wait_word_test {
namespace {

// Runs so many phases of one block a member; returns the blocks that were done.
std::int64_t run_phases(Team& team, std::int64_t phases) {
  std::atomic<std::int64_t> done{0};
  for (std::int64_t phase = 0; phase < phases; ++phase) {
    team.for_blocks(team.active(), [&](std::int64_t, int) { ++done; });
  }
  return done;
}

TEST_CASE("members that sleep after every phase are woken for the next") {
  for (int size = 1; size <= 4; ++size) {
    CAPTURE(size);
    Team team(size, 1);  // more members than CPUs: nobody spins
    team.call_all();
    std::vector<std::thread> members;
    for (int member = 1; member < size; ++member) members.emplace_back([&, member] { team.help(member); });
    CHECK(run_phases(team, 3000) == 3000 * size);
    team.dismiss();
    for (std::thread& member : members) member.join();
  }
}

TEST_CASE("members that are called only now and then come, and go when they are dismissed") {
  constexpr std::int64_t phases = 4;
  for (int size = 1; size <= 4; ++size) {
    CAPTURE(size);
    Team team(size, 1);
    for (int run = 0; run < 100; ++run) {
      std::vector<std::thread> members;
      for (int member = 1; member < size; ++member) members.emplace_back([&, member] { team.help(member); });
      for (int i = 0; i < 10; ++i) {
        team.call_all();
        CHECK(run_phases(team, phases) == phases * size);
        team.call_for_steps();  // the lead alone
        CHECK(run_phases(team, phases) == phases);
      }
      team.dismiss();
      for (std::thread& member : members) member.join();
      team.reopen();
    }
  }
}

TEST_CASE("a crew runs thousands of short programs, with threads that live on and with new ones") {
  for (int threads = 1; threads <= 4; ++threads) {
    CAPTURE(threads);
    for (const int programs : {2000, 1}) {
      for (int start = 0; start < (programs == 1 ? 200 : 1); ++start) {
        Crew crew({.threads = threads});
        const int size = crew.size();
        for (int program = 0; program < programs; ++program) {
          crew.lead([&](Team& team) {
            team.call_all();
            CHECK(run_phases(team, 3) == 3 * size);
          });
        }
      }
    }
  }
}

}  // namespace
}  // namespace trm::runtime_wait_word_test
