#pragma once
// The arrays that `trm run` leaves in its folder (the command's help lists them).
// Logits and latents go to disk as they come; nothing but a step of each sample
// under way is held in memory.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "io/npy.hpp"
#include "models/model.hpp"

namespace trm {

struct RunOutputShape {
  std::int64_t batch = 0;  // B
  std::int64_t steps = 0;  // K
  bool every_step = false;
  bool latents = false;
};

class RunOutput {
 public:
  RunOutput(const std::filesystem::path& folder, const Hyperparameters& model, const RunOutputShape& shape);

  // From any thread, in step order for one sample. Throws Error(io).
  void take(const StepResult& result);
  // Puts every file in its place. Returns how many samples came to their last step.
  std::size_t finish();

 private:
  void take_latents(const StepResult& result);

  std::filesystem::path folder_;
  RunOutputShape shape_;
  std::int64_t seq_len_;
  std::int64_t vocab_size_;
  std::int64_t q_outputs_;                 // of the halting head: 2, or 1
  NpyStream logits_;                       // [B, S, V] or [K, B, S, V]
  std::optional<NpyStream> z_high_;        // [2, B, T, D]; some families have none
  std::optional<NpyStream> z_low_;         // [2, B, T, D] or [2, B, latents, T, D]
  std::vector<std::int32_t> predictions_;  // [B, S]
  std::vector<float> q_;                   // [B, q outputs] or [K, B, q outputs]
  std::vector<std::int32_t> steps_;        // [B]
};

}  // namespace trm
