#pragma once
// Several answers to one puzzle, by latent-noise sampling (arXiv 2605.19943), and the best of them: what
// `--samples K --noise S` does. A trajectory is one run of the recursion with noise of its own; without these options
// a puzzle has one, without noise.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "puzzles/choice.hpp"

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
[[nodiscard]] Session open_session(const std::string& model_path, const CommonOptions& common, const StepOptions& steps,
                                   const TrajectoryOptions& options);

struct StepAnswer {
  std::vector<std::int32_t> tokens;  // [S]
  float q_halt = 0;
};

// What one trajectory came to: after its last step, or after each.
struct Trajectory {
  std::vector<StepAnswer> steps;
  std::int64_t steps_used = 0;
  bool halted = false;
};

// Runs `each` trajectories of every puzzle. `finished` gets all of a puzzle once they are done, from several threads at
// once for different puzzles, in any order; interrupted ones are left out. The noise of puzzle i is that of key
// first_key + i.
void run_trajectories(const Session& session, std::span<const Sample> puzzles, std::uint64_t first_key,
                      std::size_t each,
                      const std::function<void(std::size_t puzzle, std::vector<Trajectory> trajectories)>& finished);

// Their last answers, among which is to be chosen.
[[nodiscard]] std::vector<Candidate> candidates(const std::vector<Trajectory>& trajectories);

}  // namespace trm
