#pragma once
// Where a run keeps its finished samples: in a journal (journals.hpp) or in memory. The votes do not depend on which.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "arc/vote/ranking.hpp"

namespace trm::arc {

struct FinishedSample {
  std::string puzzle;  // the plain puzzle's name
  std::int64_t test = 0;
  std::int64_t puzzle_id = 0;
  std::string name;  // the augmented puzzle's
  std::int64_t steps = 0;
  float q_halt = 0;
  std::vector<std::uint8_t> prediction;  // the tokens of the canvas
};

// Identifies a sample within its run.
struct SampleKey {
  std::string puzzle;
  std::int64_t test = 0;
  std::int64_t puzzle_id = 0;
};

// What a sample votes for: its prediction cropped, its augmentation undone.
[[nodiscard]] Prediction prediction_of(const FinishedSample& sample);

// add() is called from several threads at once.
struct SampleStore {
  std::function<void(const FinishedSample& sample)> add;
  // The samples of all test inputs, in any order.
  std::function<void(const std::function<void(const SampleKey& key, const Prediction& prediction)>& visit)> for_each;
  std::function<void()> commit;  // at the end of the run
};

// Keeps the predictions, and nothing else of the samples, as long as the store or a copy of it lives.
[[nodiscard]] SampleStore memory_store();

}  // namespace trm::arc
