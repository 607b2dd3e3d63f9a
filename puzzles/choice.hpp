#pragma once
// The choice among several answers to one puzzle, as latent-noise sampling gives them (arXiv 2605.19943).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/residual.hpp"

namespace trm {

enum class Best {
  q,           // the answer of the highest q_halt, the first of equal ones
  vote,        // the most frequent answer; of equally frequent ones that of the higher mean q_halt, then the first
  residual,    // the answer whose logits moved least in the last steps, the first of equal ones (arXiv 2605.21488)
  confidence,  // the answer whose cells have the highest mean probability, the first of equal ones
};

// What one trajectory answers.
struct TrajectoryAnswer {
  std::span<const std::int32_t> answer;  // [S]
  float q_halt = 0;
  double residual = 0;    // StepMeasure
  double confidence = 0;  // mean_top_probability
};

// The mean over the cells of the largest softmax probability of their logits [S, V].
[[nodiscard]] double mean_top_probability(std::span<const float> logits, std::int64_t vocab_size);

// The residual (models/residual.hpp) of a sample whose logits are given step by step.
class StepMeasure {
 public:
  void add(std::span<const float> logits, std::int64_t vocab_size);
  [[nodiscard]] double residual() const { return residual_.value(); }
  [[nodiscard]] bool complete() const { return residual_.complete(); }

 private:
  std::vector<float> before_;
  Residual residual_;
};

struct Choice {
  std::size_t index = 0;  // into the given answers; with Best::vote the one of the highest q_halt among equal answers
  std::size_t agreeing = 1;  // how many of the given answers equal it, itself included
};

// At least one answer must be given.
[[nodiscard]] Choice choose(std::span<const TrajectoryAnswer> given, Best best);

}  // namespace trm
