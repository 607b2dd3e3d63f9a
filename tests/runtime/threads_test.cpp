// Threads where the system grants few: each case is a child process with a limit of its own.

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/cpu.hpp"
#include "runtime/threads.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

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
    team.call_all();
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

// A file below a folder, and the folders above it.
void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

TEST_CASE("the quota of a control group limits the CPUs, version 2") {
  const TemporaryDirectory root;
  CHECK(quota_cpus(root.path()) == 0);
  write(root / "proc/self/cgroup", "0::/a.slice/b.service\n");
  CHECK(quota_cpus(root.path()) == 0);
  write(root / "sys/fs/cgroup/a.slice/b.service/cpu.max", "max 100000\n");
  CHECK(quota_cpus(root.path()) == 0);
  write(root / "sys/fs/cgroup/a.slice/cpu.max", "350000 100000\n");  // a group above
  CHECK(quota_cpus(root.path()) == 4);
  write(root / "sys/fs/cgroup/a.slice/b.service/cpu.max", "50000 100000\n");
  CHECK(quota_cpus(root.path()) == 1);
  write(root / "sys/fs/cgroup/a.slice/b.service/cpu.max", "200000 100000\n");
  CHECK(quota_cpus(root.path()) == 2);
}

TEST_CASE("the quota of a container whose group is the top of what it sees") {
  const TemporaryDirectory root;
  write(root / "proc/self/cgroup", "0::/\n");
  write(root / "sys/fs/cgroup/cpu.max", "150000 100000");
  CHECK(quota_cpus(root.path()) == 2);
}

TEST_CASE("the quota of a control group limits the CPUs, version 1") {
  const TemporaryDirectory root;
  write(root / "proc/self/cgroup", "7:memory:/x\n4:cpu,cpuacct:/docker/abc\n0::/\n");
  write(root / "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write(root / "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(quota_cpus(root.path()) == 0);
  write(root / "sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "250000\n");
  write(root / "sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
  CHECK(quota_cpus(root.path()) == 3);
}

TEST_CASE("files of control groups that are no files of control groups give no quota") {
  const TemporaryDirectory root;
  for (const std::string line : {"", "x", "::", "0:", "0::", "4:cpu:relative/path\n", "0::/../../etc\n"}) {
    write(root / "proc/self/cgroup", line);
    for (const std::string quota : {"", "max", "-5 100000", "0 0", "100000 0", "many 5"}) {
      write(root / "sys/fs/cgroup/cpu.max", quota);
      CHECK(quota_cpus(root.path()) == 0);
    }
  }
  CHECK(available_threads() >= 1);
}

}  // namespace trm::runtime_threads_test
