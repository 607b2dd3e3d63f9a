// The kernel sets that are found: those that this CPU is known to run, the fastest last. No other name is accepted.

#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "runtime/cpu.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "tests/catch.hpp"

namespace trm::runtime_dispatch_test {

namespace {

std::string names() {
  std::string all;
  for (const KernelSet* set : available_kernel_sets()) all += (all.empty() ? "" : " ") + std::string(set->name);
  return all;
}

}  // namespace

TEST_CASE("A CPU gets the kernel sets that it can run") {
  // Set by CTest under qemu, where the test chooses the CPU.
  const char* expected = std::getenv("TRM_EXPECTED_KERNEL_SETS");
  if (expected == nullptr) {
    WARN("skipped: this CPU was not chosen by the test");
    return;
  }
  CHECK(names() == expected);
}

#if defined(__x86_64__)
TEST_CASE("What the CPU knows is what the compiler's runtime library says") {
  const CpuFeatures& features = cpu_features();
  __builtin_cpu_init();
  CHECK(features.avx2 == (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")));
  CHECK(features.avx512 == (features.avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")));
  CHECK(features.avx512_vnni == (features.avx512 && __builtin_cpu_supports("avx512vnni")));
}
#endif

TEST_CASE("Kernel sets go by name, the fastest by none") {
  const auto sets = available_kernel_sets();
  REQUIRE_FALSE(sets.empty());
  CHECK(sets.front()->name == "portable");
  CHECK(&kernel_set() == sets.back());
  for (const KernelSet* set : sets) CHECK(&kernel_set(set->name) == set);
  CHECK_THROWS_WITH(kernel_set("abacus"), Catch::Contains("abacus") && Catch::Contains("available: "
                                                                                       "portable"));
}

}  // namespace trm::runtime_dispatch_test
