#pragma once
// Predictions that another program recorded as NumPy arrays, one sample a row; integers of any type:
//   inputs.npy, predictions.npy [N, cells]   what the model read and answered (tokens.hpp)
//   puzzle_identifiers.npy [N]               index into identifiers.json; 0 is the blank one
//   q_halt_logits.npy [N]                    the halting head's value

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "arc/challenges.hpp"
#include "arc/vote/ranking.hpp"

namespace trm::arc {

struct RecordedCount {
  std::int64_t samples = 0;   // counted
  std::int64_t blank = 0;     // with the blank id, which fills up batches
  std::int64_t foreign = 0;   // whose input is no test input of the tasks
  std::string first_foreign;  // "sample 7, puzzle 00576224|||t1|||0123456789"
  std::int64_t shifted = 0;   // counted with the q_halt of an earlier row, see RecordedOptions
};

struct RecordedOptions {
  // The reference evaluator takes samples in batches and leaves blank ones out, but not their q_halt: the k-th sample
  // of a batch that is not blank is counted with the k-th q_halt of the batch. Blank samples that fill up a batch at
  // its end change nothing by that. 0: every sample is counted with its own q_halt.
  std::int64_t batch = 64;
  int threads = 1;
};

// Adds the folder's samples to the predictions for `tasks`, in the order of the rows. As in the reference, a sample
// belongs to the test input that equals its own input once the augmentation is undone; to both where a task has the
// same test input twice.
// Throws Error(input) for arrays that do not fit one another, Error(io) for missing ones.
RecordedCount add_recorded(const std::filesystem::path& folder, std::span<const Task> tasks, Predictions& predictions,
                           const RecordedOptions& options);

}  // namespace trm::arc
