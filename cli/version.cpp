#include "cli/version.hpp"

#include "cli_commit.hpp"  // made by cmake/commit.cmake at each build
#include "runtime/kernels/kernel_set.hpp"

namespace trm {
namespace {

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "GCC " __VERSION__;
#elif defined(_MSC_VER)
  return "MSVC " + std::to_string(_MSC_FULL_VER);
#else
  return "an unknown compiler";
#endif
}

}  // namespace

std::string version_number() {
  return TRM_VERSION;
}

std::string version_text() {
  const std::string commit = TRM_COMMIT;
  std::string sets;
  for (const auto* kernels : available_kernel_sets()) sets += (sets.empty() ? "" : ", ") + std::string(kernels->name);
  return "trm " + version_number() + (commit.empty() ? "" : " (commit " + commit + ')') + "\ncompiler      " +
         compiler() + ", " TRM_TARGET "\nkernel sets   " + sets + " (default: " + std::string(kernel_set().name) +
         ")\n";
}

}  // namespace trm
