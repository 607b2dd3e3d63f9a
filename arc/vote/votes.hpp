#pragma once
// Which answer the samples of one test input agree on, as the reference evaluator counts.

#include <cstdint>
#include <span>
#include <vector>

#include "arc/grid.hpp"

namespace trm::arc {

// One sample's answer, its augmentation undone.
struct Prediction {
  Grid grid;
  float q_halt = 0;
};

struct Candidate {
  Grid grid;
  std::int64_t votes = 0;
  double confidence = 0;  // mean of sigmoid(q_halt), summed in the order of the predictions
};

// Distinct grids by (votes, confidence), descending; ties keep the order in which they were first seen.
[[nodiscard]] std::vector<Candidate> rank(std::span<const Prediction> predictions);

// Share of tasks' test inputs whose answer is among the first k candidates: mean over tasks of the mean over test
// inputs. `hits[task][test]` is the answer's place from 0, or -1.
[[nodiscard]] double pass_at(std::int64_t k, std::span<const std::vector<std::int64_t>> hits);

}  // namespace trm::arc
