#pragma once
// Two models of one checkpoint on the same samples: how far the second differs from the first after each step.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/model.hpp"
#include "quant/measures.hpp"

namespace trm {

// One sample after one step.
struct StepComparison {
  double z_high = 0;  // mean cosine over the tokens; 0 where the family has no z_high
  double z_low = 0;   // the same of z_low
  Cosine logits;
  std::size_t agreeing = 0;  // cells in which the predictions agree
};

// One sample. `steps` is empty where the run was cancelled before the sample was finished.
struct Comparison {
  std::vector<StepComparison> steps;
  std::vector<std::int32_t> reference_answer;  // [S], after the last step
  std::vector<std::int32_t> other_answer;      // [S]
};

// Runs every sample through both models for the same number of steps (options.steps; no sample halts) and compares
// latents, logits and predictions after each. Meanwhile the reference's are kept: bytes_to_compare() for each sample.
// Throws Error(input) when the models differ in a size, and what run() throws.
[[nodiscard]] std::vector<Comparison> compare(const Model& reference, const Model& other,
                                              std::span<const Sample> samples, const RunOptions& options,
                                              const std::function<bool()>& cancel = {});

[[nodiscard]] std::size_t bytes_to_compare(const Model& reference, const RunOptions& options);

}  // namespace trm
