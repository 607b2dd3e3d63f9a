#pragma once
// The options of latent-noise sampling, `--samples K --noise S`; puzzles/trajectories.hpp does it. Without them a
// puzzle has one trajectory, without noise.

#include <cstddef>
#include <string>

#include "cli/session.hpp"
#include "puzzles/trajectories.hpp"

namespace trm {

struct TrajectoryOptions {
  std::size_t samples = 1;  // trajectories a puzzle
  double noise = 0;         // standard deviation
  NoiseLatent latent = NoiseLatent::available;
  Best best = Best::q;
};
void add_trajectory_options(CLI::App& command, TrajectoryOptions& options);
// --noise-latent alone.
CLI::Option* add_noise_latent_option(CLI::App& command, NoiseLatent& latent);

// As open_session of cli/session.hpp, with noise. Throws Error(usage) too where the options do not go together.
[[nodiscard]] CommandSession open_session(const ModelSource& model, const CommonOptions& common,
                                          const StepOptions& steps, const TrajectoryOptions& options);

}  // namespace trm
