#pragma once
// Several runs of the recursion on one puzzle, each with latent noise of its own (arXiv 2605.19943): trajectories,
// among whose answers choice.hpp chooses where no rule can judge.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/model.hpp"
#include "puzzles/choice.hpp"

namespace trm {

struct StepAnswer {
  std::vector<std::int32_t> tokens;  // [S]
  float q_halt = 0;
};

struct Trajectory {
  std::vector<StepAnswer> steps;  // the last step alone, or with RunOptions::every_step all of them
  std::int64_t steps_used = 0;
  bool halted = false;
  StepMeasure measure{};  // of all its steps, where a choice needs it
  double confidence = 0;  // of the last step's logits
};

// Runs `each` trajectories of every puzzle. `finished` gets all of a puzzle once they are done, from several threads at
// once for different puzzles, in any order; cancelled ones are left out. `best`: the choice that is to be made among
// them.
void run_trajectories(const Model& model, const RunOptions& options, std::span<const Sample> puzzles, std::size_t each,
                      const std::function<void(std::size_t puzzle, std::vector<Trajectory> trajectories)>& finished,
                      const std::function<bool()>& cancel = {}, Best best = Best::q);

// The trajectories' last answers, to choose among.
[[nodiscard]] std::vector<TrajectoryAnswer> answers_of(const std::vector<Trajectory>& trajectories);

}  // namespace trm
