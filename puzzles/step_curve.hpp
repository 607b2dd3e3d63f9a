#pragma once
// What each further step of the recursion brings, and what halting would save: from runs that took every step.

#include <cstddef>
#include <span>
#include <vector>

namespace trm {

// One example after one step.
struct StepOutcome {
  bool exact = false;
  bool halts = false;  // the halting rule holds
  float q_halt = 0;
};

// All examples after `step` steps, and when each stops instead after its first step at which the halting rule holds,
// or after this one.
struct StepPoint {
  std::size_t step = 0;   // from 1
  std::size_t exact = 0;  // examples
  double mean_q = 0;
  std::size_t halted = 0;         // examples that have stopped, at this step or before
  std::size_t exact_halting = 0;  // examples, by the answers they stopped with
  double mean_steps = 0;          // taken when stopping

  // Share of the time that stopping saves, all steps taking as long.
  [[nodiscard]] double saved() const { return 1 - mean_steps / static_cast<double>(step); }
};

// examples[i][k] is example i after k + 1 steps, the same number of steps each.
[[nodiscard]] std::vector<StepPoint> step_curve(std::span<const std::vector<StepOutcome>> examples);

}  // namespace trm
