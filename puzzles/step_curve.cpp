#include "puzzles/step_curve.hpp"

#include <algorithm>

namespace trm {

std::vector<StepPoint> step_curve(std::span<const std::vector<StepOutcome>> examples) {
  if (examples.empty()) return {};
  std::vector<StepPoint> curve(examples.front().size());
  for (std::size_t k = 0; k < curve.size(); ++k) curve[k].step = k + 1;
  for (const std::vector<StepOutcome>& steps : examples) {
    const auto first = static_cast<std::size_t>(
        std::ranges::find_if(steps, [](const StepOutcome& at) { return at.halts; }) - steps.begin());
    for (std::size_t k = 0; k < curve.size(); ++k) {
      StepPoint& point = curve[k];
      const std::size_t stop = std::min(first, k);  // the step whose answer it would keep
      point.exact += steps[k].exact ? 1 : 0;
      point.mean_q += static_cast<double>(steps[k].q_halt);
      point.halted += first <= k ? 1 : 0;
      point.exact_halting += steps[stop].exact ? 1 : 0;
      point.mean_steps += static_cast<double>(stop + 1);
    }
  }
  for (StepPoint& point : curve) {
    point.mean_q /= static_cast<double>(examples.size());
    point.mean_steps /= static_cast<double>(examples.size());
  }
  return curve;
}

}  // namespace trm
