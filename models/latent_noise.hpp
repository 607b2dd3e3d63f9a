#pragma once
// Latent-noise sampling (arXiv 2605.19943): which latents of a sample get Gaussian noise before every step.

#include <cstddef>

#include "models/family.hpp"
#include "models/model.hpp"
#include "models/state.hpp"
#include "runtime/noise.hpp"

namespace trm {

// Noise on the latents [first, last) of State::latents.
struct LatentNoise {
  double sigma = 0;  // the standard deviation; 0: no noise
  std::size_t first = 0;
  std::size_t last = 0;
};

// Throws Error(usage) where the family has no such latent.
[[nodiscard]] LatentNoise latent_noise(const Family& family, double sigma, NoiseLatent wanted);

// Adds the noise before the step that `place` names; the latent of `place` is not used.
void add_latent_noise(const LatentNoise& noise, NoisePlace place, const State& state);

}  // namespace trm
