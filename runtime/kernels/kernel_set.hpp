#pragma once
// The kernels of one instruction set, as data that the runtime, the tests and
// the benchmarks loop over.

#include <span>
#include <string_view>

namespace trm {

struct KernelSet;

// Those this CPU can run, slowest first ("portable" is always there).
[[nodiscard]] std::span<const KernelSet* const> available_kernel_sets();

// The named one, or the fastest for an empty name. Throws Error(usage) listing
// the available names when this CPU cannot run it.
[[nodiscard]] const KernelSet& kernel_set(std::string_view name = {});

[[nodiscard]] std::string_view kernel_set_name(const KernelSet& kernels);

}  // namespace trm
