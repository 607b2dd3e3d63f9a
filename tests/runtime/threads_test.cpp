// Threads where the system grants few: each case is a child process with a limit of its own.

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "runtime/threads.hpp"
#include "tests/catch.hpp"

namespace trm::runtime_threads_test {
namespace {

constexpr int failed = 99;  // an exit code

// What `count_threads` returns in a child process; -1 when the child dies otherwise than by returning.
template <class Count>
int in_child(Count count_threads) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(count_threads());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The size of a crew for which `wanted` threads were asked. Its members have to meet.
int run_with(int wanted) {
  Crew crew({.threads = wanted});
  std::atomic<int> met{0};
  crew.lead([&](Team& team) {
    team.for_blocks(team.size(), [&](std::int64_t, int) {
      ++met;
      while (met < team.size()) std::this_thread::yield();
    });
  });
  return met == crew.size() ? crew.size() : failed;
}

void become_nobody() {  // the limit does not hold for root
  constexpr unsigned nobody = 65534;
  if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) ::_exit(failed);
}

}  // namespace

TEST_CASE("as many threads as wanted where nothing forbids them") {
  CHECK(in_child([] { return run_with(1); }) == 1);
  CHECK(in_child([] { return run_with(5); }) == 5);
}

TEST_CASE("one thread where the user may start no other") {
  const int threads = in_child([] {
    become_nobody();
    const rlimit limit{1, 1};
    if (::setrlimit(RLIMIT_NPROC, &limit) != 0) return failed;
    return run_with(8);
  });
  CHECK(threads == 1);
}

TEST_CASE("as many threads as memory for their stacks may be had") {
  rlim_t pages = 0;
  REQUIRE(std::ifstream("/proc/self/statm") >> pages);
  const rlim_t bytes = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{100} << 20);
  if (bytes > rlim_t{1} << 40) return;  // a sanitizer's own memory: it starts no thread under such a limit
  const int threads = in_child([bytes] {
    const rlimit stack{rlim_t{8} << 20, RLIM_INFINITY};
    ::setrlimit(RLIMIT_STACK, &stack);
    const rlimit limit{bytes, bytes};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return failed;
    // An emulator (qemu-user) takes the limit and does not keep to it: nothing to test.
    if (::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) return 2;
    return run_with(64);
  });
  CHECK(threads > 1);
  CHECK(threads < 16);
}

}  // namespace trm::runtime_threads_test
