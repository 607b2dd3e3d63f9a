#pragma once
// A model's weights within a checkpoint: which of a trainer's dictionaries they
// are, and whether they are exactly the tensors that the configuration asks for.

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

struct StateDict {
  std::string prefix;                    // of its keys: "_orig_mod.model.inner.", "ema.model.inner.", ""
  Hyperparameters hyperparameters;       // with vocab_size, num_puzzle_identifiers and, where shapes tell it, seq_len
  std::vector<StateDictTensor> tensors;  // in the order of tensor_list()
};

// Looks for the model's tensors under every prefix there is and takes the one
// prefix whose tensors fit: none missing, none unexpected, each with its shape and
// a floating-point type. Sizes that are 0 in `config` are taken from the shapes,
// others must agree with them. `key`: only under this dictionary ("ema").
// Throws Error(input) with every misfit in one line; Error(usage) when several
// prefixes fit (naming them).
[[nodiscard]] StateDict find_state_dict(const Checkpoint& checkpoint, const Hyperparameters& config,
                                        const std::string& key = {});

}  // namespace trm
