#include "models/family.hpp"

#include <array>

#include "base/error.hpp"

namespace trm {

// Each is defined in the file of its name in families/.
// NOLINTBEGIN(readability-redundant-declaration): redundant only where clang-tidy reads those files together with this.
extern const Family eqr_family;
extern const Family fprm_family;
extern const Family hrm_family;
extern const Family nano_trm_family;
extern const Family transformers_baseline_family;
extern const Family trm_family;
extern const Family trm_hier6_family;
extern const Family trm_mamba2_family;
extern const Family trm_singlez_family;
extern const Family urm_family;
// NOLINTEND(readability-redundant-declaration)

namespace {

constexpr std::array registry = {
    &eqr_family, &fprm_family,      &hrm_family,        &nano_trm_family,    &transformers_baseline_family,
    &trm_family, &trm_hier6_family, &trm_mamba2_family, &trm_singlez_family, &urm_family};

}  // namespace

bool starts_at_random(const Hyperparameters& h) {
  return !family(h.family).start_deviations.empty() && !h.fixed_init;
}

bool draws_random_numbers(const Hyperparameters& h) {
  return starts_at_random(h) || h.noise_scale != 0;
}

std::size_t z_high_count(const Family& family) {
  return std::string_view(family.initial_latents.front()).ends_with("H_init") ? 1 : 0;
}

std::span<const Family* const> all_families() {
  return registry;
}

std::string family_names(std::span<const Family* const> families) {
  std::string names;
  for (const Family* one : families) names += (names.empty() ? "" : ", ") + std::string(one->name);
  return names;
}

const Family& family(std::string_view name) {
  for (const Family* candidate : registry) {
    if (candidate->name == name || (!name.empty() && candidate->alias == name)) return *candidate;
  }
  throw Error(ErrorKind::input, "unknown model family \"" + std::string(name) + "\"; known: " + family_names(registry));
}

void pass(const StepContext& c, const Network& network, MatrixView<float> latent,
          std::span<const MatrixView<const float>> injections) {
  if (c.stopped != nullptr && (*c.stopped)()) return;
  PassContext context{c.team, c.kernels, network, c.state.mixer, c.scratch};
  if (c.trace == nullptr) return network_pass(context, latent, injections);
  const std::string level = network.name.empty() ? "" : network.name + ".";
  const std::string prefix = "pass" + std::to_string(c.trace->passes++) + "." + level;
  const Trace named = [&](const std::string& name, MatrixView<const float> rows, std::int64_t first) {
    c.trace->trace(prefix + name, rows, first);
  };
  context.trace = &named;
  network_pass(context, latent, injections);
}

}  // namespace trm
