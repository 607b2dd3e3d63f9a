#pragma once
// One sample on its way: JavaScript asks for one step after another and may do something else in between, which a run
// with callbacks would not let it: a browser's thread must return to be told anything.

#include <cstdint>
#include <optional>
#include <vector>

#include "models/latent_noise.hpp"
#include "models/loaded_model.hpp"
#include "models/state.hpp"
#include "puzzles/choice.hpp"
#include "puzzles/solve.hpp"
#include "runtime/arena.hpp"
#include "runtime/noise.hpp"
#include "runtime/team.hpp"

namespace trm::wasm {

// What JavaScript reads after a step; cmake's tests and js/trm.js know the layout.
struct StepView {
  const std::int32_t* answer;  // [S] the token of the highest logit, in the puzzle's own terms
  const float* confidence;     // [S] its probability
  const float* logits;         // [S, V] in the terms of the try
  std::int32_t step;           // from 1
  float q_halt;
  float q_continue;
  std::int32_t halts;   // by the model's halting rule with margin 0
  std::int32_t faults;  // by the rules of the puzzle; -1 where there are none
  std::int32_t ended;   // by the options of the step, or the family's own stopping rule (FPRM): no further step follows
};

// The random numbers of a walk: their place, as RunOptions and Sample have it, and the noise on the latents. Families
// that draw some themselves draw at the same place.
struct WalkDraws {
  NoisePlace place{};
  LatentNoise noise{};
};

class Walk {
 public:
  // A fresh carry. Throws what run() throws for a sample that cannot be.
  Walk(const Model& model, std::vector<std::int32_t> inputs, std::int64_t puzzle_id, const WalkDraws& draws = {});
  // A try of a puzzle: the model is asked `variant`, answers are judged by `question`.
  Walk(const Model& model, const PuzzleKind& kind, std::vector<std::int32_t> question, Variant variant,
       const WalkDraws& draws);
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  // Of the options only those count that say when a run halts. Throws Error(work) when the model's numbers overflow.
  void step(const RunOptions& options);
  [[nodiscard]] const StepView& view() const { return view_; }
  [[nodiscard]] const StepMeasure& measure() const { return measure_; }
  [[nodiscard]] const Model& model() const { return model_; }

 private:
  void read_answer();
  [[nodiscard]] bool ends(const RunOptions& halting) const;

  const Model& model_;
  std::optional<PuzzleKind> kind_;
  std::vector<std::int32_t> question_;
  WalkDraws draws_;
  View puzzle_view_;
  Scratch scratch_{};
  State state_{};
  Arena arena_;
  Team team_{1};
  std::vector<std::int32_t> shown_;      // [S] the answer as the model gave it
  std::vector<std::int32_t> answer_;     // [S]
  std::vector<float> shown_confidence_;  // [S]
  std::vector<float> confidence_;        // [S]
  StepMeasure measure_{};                // of the steps so far
  StepView view_{};
};

}  // namespace trm::wasm
