#pragma once
// Hyperparameters from a training run's configuration (all_config.yaml) and the
// sizes from its data set's dataset.json.

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "models/family.hpp"
#include "models/hyperparameters.hpp"

namespace trm {

struct ModelConfig {
  Hyperparameters hyperparameters;
  bool family_recognised = false;  // by the tensors' names, since the configuration has no name
};

// The fields of `arch:` (or of the top level, where there is no `arch:`), then the
// overrides "key=value" on top, keys with or without "arch.". `file` may be empty:
// then the overrides must give everything. Fields for which the reference
// implementation has no default are required; the family's name is not where the tensors' names fit one family
// (`recognised`, of recognise()). Sizes that no configuration holds
// (vocab_size, seq_len, num_puzzle_identifiers) stay 0 unless an override gives them.
// Throws Error(input) naming all missing and wrong fields, Error(usage) for an unknown override.
[[nodiscard]] ModelConfig read_model_config(const std::filesystem::path& file, std::span<const std::string> overrides,
                                            std::span<const Family* const> recognised);

// What dataset.json says of a data set.
struct DataSetSizes {
  std::optional<std::int64_t> seq_len;
  std::optional<std::int64_t> vocab_size;
  std::optional<std::int64_t> num_puzzle_identifiers;
};
[[nodiscard]] DataSetSizes read_data_set_sizes(const std::filesystem::path& file);

}  // namespace trm
