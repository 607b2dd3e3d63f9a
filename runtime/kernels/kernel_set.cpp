#include "runtime/kernels/kernel_set.hpp"

#include <array>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace trm {

// Each stands in the file of its name.
extern const KernelSet portable_kernels;
#if defined(TRM_X86_64_KERNELS)
extern const KernelSet avx2_kernels;
extern const KernelSet avx_vnni_kernels;
extern const KernelSet avx512_kernels;
extern const KernelSet avx512_vnni_kernels;
#elif defined(TRM_AARCH64_KERNELS)
extern const KernelSet neon_kernels;
extern const KernelSet neon_dotprod_kernels;
extern const KernelSet neon_i8mm_kernels;
#elif defined(TRM_WASM_KERNELS)
extern const KernelSet wasm_simd_kernels;
extern const KernelSet wasm_relaxed_kernels;
#endif

#if defined(TRM_WITH_ONEDNN)
extern const KernelSet onednn_kernels;
#endif

namespace {

// Slowest first. The last that the CPU supports is the default; oneDNN is never the last, so that it is used only on
// request.
constexpr std::array all_sets = {
    &portable_kernels,
#if defined(TRM_WITH_ONEDNN)
    &onednn_kernels,
#endif
#if defined(TRM_X86_64_KERNELS)
    &avx2_kernels,     &avx_vnni_kernels, &avx512_kernels, &avx512_vnni_kernels,
#elif defined(TRM_AARCH64_KERNELS)
    &neon_kernels,
    &neon_dotprod_kernels,
    &neon_i8mm_kernels,
#elif defined(TRM_WASM_KERNELS)
    &wasm_simd_kernels,
    &wasm_relaxed_kernels,
#endif
};

std::vector<const KernelSet*> find_available() {
  std::vector<const KernelSet*> sets;
  for (const KernelSet* set : all_sets) {
    if (set->needs == nullptr || cpu_features().*set->needs) sets.push_back(set);
  }
  return sets;
}

}  // namespace

std::span<const KernelSet* const> available_kernel_sets() {
  static const std::vector<const KernelSet*> sets = find_available();
  return sets;
}

const KernelSet& kernel_set(std::string_view name) {
  const auto sets = available_kernel_sets();
  if (name.empty()) return *sets.back();
  std::string names;
  for (const KernelSet* set : sets) {
    if (set->name == name) return *set;
    names += (names.empty() ? "" : ", ") + std::string(set->name);
  }
  throw Error(ErrorKind::usage, {.file = {},
                                 .place = std::string(name),
                                 .what = "this CPU or build has no such kernel set",
                                 .remedy = "available: " + names,
                                 .settings = {"isa"}});
}

}  // namespace trm
