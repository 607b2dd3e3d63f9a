#pragma once
// A model's weights within a checkpoint: which of a trainer's dictionaries holds them, and whether they are exactly the
// tensors that the configuration asks for.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convert/checkpoint/checkpoint.hpp"
#include "models/hyperparameters.hpp"
#include "models/tensor_list.hpp"

namespace trm {

struct StateDictTensor {
  TensorSpec spec;
  const CheckpointTensor* source = nullptr;
};

// A trainer may keep two copies of the weights: raw as the optimizer left them, and their exponential moving average.
enum class WeightSet : std::uint8_t { automatic, ema, raw };  // automatic: the average where there is one

struct StateDict {
  std::string prefix;                    // of its keys: "_orig_mod.model.inner.", "ema.model.inner.", ""
  bool ema = false;                      // the moving average, by the name of its dictionary
  std::string buffer_prefix;             // an average of parameters only: its buffers come from here; else empty
  std::optional<std::string> other;      // the prefix of the copy that was not taken
  Hyperparameters hyperparameters;       // with vocab_size, num_puzzle_identifiers and, where shapes tell it, seq_len
  std::vector<StateDictTensor> tensors;  // in the order of tensor_list()
};

// Looks for the model's tensors under every prefix there is and takes the one prefix whose tensors fit: none missing,
// none unexpected, each with its shape, a floating-point type and values of its own. Sizes that are 0 in `config` are
// taken from the shapes, others must agree with them. `key`: only under this dictionary ("ema").
// Throws Error(input) with every misfit in one line; Error(usage) when several prefixes fit (naming them), or the
// wanted set of weights is not there.
[[nodiscard]] StateDict find_state_dict(const Checkpoint& checkpoint, const Hyperparameters& config,
                                        const std::string& key = {}, WeightSet weights = WeightSet::automatic);

}  // namespace trm
