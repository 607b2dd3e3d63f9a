#include "runtime/cpu.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <string>
#include <thread>

#if __has_include(<pthread.h>) && __has_include(<unistd.h>) && !defined(__wasi__) && !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#define TRM_POSIX
#endif
#if defined(__linux__)
#include <sched.h>
#endif

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace trm {
namespace {

#if defined(__APPLE__) && defined(__aarch64__)
bool system_says(const char* name) {
  int value = 0;
  std::size_t bytes = sizeof value;
  return ::sysctlbyname(name, &value, &bytes, nullptr, 0) == 0 && value != 0;
}
#endif

#if defined(__x86_64__)
// What the processor says of itself: Intel's manual, volume 2A, CPUID. Not by __builtin_cpu_supports: with zig's
// runtime library it denies everything.
struct CpuidLeaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

CpuidLeaf cpuid(unsigned leaf, unsigned subleaf) {
  CpuidLeaf read;
  if (__get_cpuid_count(leaf, subleaf, &read.eax, &read.ebx, &read.ecx, &read.edx) == 0) return {};
  return read;
}

// XCR0: the registers that the operating system saves when it changes threads; bits 1 and 2 the 256-bit ones, 5 to 7
// those of AVX-512.
unsigned saved_registers() {
  unsigned low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0U));
  return low;
}

bool has(unsigned word, std::initializer_list<unsigned> bits) {
  return std::ranges::all_of(bits, [&](unsigned bit) { return (word >> bit & 1U) != 0; });
}
#endif

CpuFeatures detect() {
  CpuFeatures features;
#if defined(__x86_64__)
  const CpuidLeaf basic = cpuid(1, 0), extended = cpuid(7, 0), more = cpuid(7, 1);
  const unsigned saved = has(basic.ecx, {27}) ? saved_registers() : 0;  // bit 27: the system says which it saves
  features.avx2 = has(saved, {1, 2}) && has(basic.ecx, {12, 28}) && has(extended.ebx, {5});
  features.avx512 = features.avx2 && has(saved, {5, 6, 7}) && has(extended.ebx, {16, 17, 30, 31});
  features.avx512_vnni = features.avx512 && has(extended.ecx, {11});
  features.avx_vnni = features.avx2 && has(more.eax, {4});
#elif defined(__APPLE__)
  features.neon = true;
  features.neon_dotprod = system_says("hw.optional.arm.FEAT_DotProd");
  features.neon_i8mm = features.neon_dotprod && system_says("hw.optional.arm.FEAT_I8MM");
#elif defined(__aarch64__)
  features.neon = true;
  features.neon_dotprod = (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
  features.neon_i8mm = features.neon_dotprod && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0;
#elif defined(__wasm__)
  features.wasm_simd = true;  // the module with these kernels was loaded, so the browser has what they need
#endif
  return features;
}

// CPUs of the affinity mask of the calling thread.
int affinity_cpus() {
#if defined(__linux__)
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

// A group's quota in CPUs; 0: none. Version 2: "max 100000" or "150000 100000" in cpu.max. Version 1: two files, of
// which the quota is -1 for none.
double quota_of_group(const std::filesystem::path& group, bool version_2) {
  double quota = 0, period = 0;
  if (version_2) {
    std::ifstream(group / "cpu.max") >> quota >> period;  // "max" is no number: 0
  } else {
    std::ifstream(group / "cpu.cfs_quota_us") >> quota;
    std::ifstream(group / "cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? quota / period : 0;
}

}  // namespace

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = detect();
  return features;
}

int quota_cpus(const std::filesystem::path& root) {
  const std::filesystem::path groups = root / "sys/fs/cgroup";
  std::ifstream file(root / "proc/self/cgroup");  // lines "0::/path" (version 2), "4:cpu,cpuacct:/path" (version 1)
  double least = 0;
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::filesystem::path group = line.substr(second + 1);
    const bool version_2 = controllers.empty();
    if (!version_2 && ("," + controllers + ",").find(",cpu,") == std::string::npos) continue;
    const std::filesystem::path top = version_2 ? groups : groups / "cpu";
    // Every group above has a say, too. In a container the path may be that of the host: then only the top is there.
    for (;; group = group.parent_path()) {
      const double cpus = quota_of_group(top / group.relative_path(), version_2);
      if (cpus > 0 && (least == 0 || cpus < least)) least = cpus;
      if (group.relative_path().empty()) break;
    }
  }
  return static_cast<int>(std::ceil(std::min(least, 1e6)));
}

int available_threads() {
  static const int quota = quota_cpus();
  const int cpus = affinity_cpus();
  return quota > 0 ? std::min(quota, cpus) : cpus;
}

#if defined(TRM_POSIX)
int process_id() {
  return ::getpid();
}
struct SignalsBlocked::Mask {
  sigset_t signals;
};
SignalsBlocked::SignalsBlocked() : before_(std::make_unique<Mask>()) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before_->signals);
}
SignalsBlocked::~SignalsBlocked() {
  pthread_sigmask(SIG_SETMASK, &before_->signals, nullptr);
}
#else
int process_id() {
  return 1;
}
struct SignalsBlocked::Mask {};
SignalsBlocked::SignalsBlocked() = default;
SignalsBlocked::~SignalsBlocked() = default;
#endif

}  // namespace trm
