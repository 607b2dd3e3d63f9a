#pragma once
// Two models of one checkpoint over the same samples: how far the second strays from the first, step by step.

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
  double z_high = 0;  // mean cosine of its tokens; 0 where the family has no z_high
  double z_low = 0;   // the same
  Cosine logits;
  std::size_t agreeing = 0;  // cells in which the predictions agree
};

// One sample. Empty `steps`: cancelled before it was finished.
struct Comparison {
  std::vector<StepComparison> steps;
  std::vector<std::int32_t> reference_answer;  // [S], after the last step
  std::vector<std::int32_t> other_answer;      // [S]
};

// Runs every sample through both models for the same number of steps (options.steps; it never halts) and compares
// what they hold after each. Keeps the reference's states meanwhile: bytes_to_compare() for each sample.
// Throws Error(input) when the models differ in a size, and what run() throws.
[[nodiscard]] std::vector<Comparison> compare(const Model& reference, const Model& other,
                                              std::span<const Sample> samples, const RunOptions& options,
                                              const std::function<bool()>& cancel = {});

[[nodiscard]] std::size_t bytes_to_compare(const Model& reference, const RunOptions& options);

}  // namespace trm
