#pragma once
// Hyperparameters from a training run's configuration (all_config.yaml) and the
// sizes from its data set's dataset.json.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "convert/recognise.hpp"
#include "models/hyperparameters.hpp"

namespace trm {

// A configuration's text (YAML, or JSON, which is YAML too) and its name in messages.
struct ConfigText {
  std::string name;
  std::string text;
};

struct ModelConfig {
  Hyperparameters hyperparameters;
  bool family_recognised = false;     // by the tensors' names, since the configuration has no name
  bool puzzle_tokens_unused = false;  // puzzle_emb_len is set, but there are no puzzle embeddings: it counts as 0
};

// The fields of `arch:` (or of the top level, where there is no `arch:`), then the overrides "key=value" on top, keys
// with or without "arch.". "${.key}" and "${arch.key}" stand for another field of arch, "${key}" for one of the top
// level. The text may be empty: then the overrides must give everything. Fields for which the reference implementation
// has no default are required; the family's name is not where the tensors' names fit one family. Sizes that no
// configuration holds (vocab_size, seq_len, num_puzzle_identifiers) stay 0 unless an override gives them.
// Throws Error(input) naming all missing and wrong fields, Error(usage) for an unknown override.
[[nodiscard]] ModelConfig read_model_config(const ConfigText& config, std::span<const std::string> overrides,
                                            const Recognised& recognised);

// What dataset.json says of a data set.
struct DataSetSizes {
  std::optional<std::int64_t> seq_len;
  std::optional<std::int64_t> vocab_size;
  std::optional<std::int64_t> num_puzzle_identifiers;
};
// Throws Error(input), naming `file`.
[[nodiscard]] DataSetSizes parse_data_set_sizes(std::string_view json_text, const std::string& file);

}  // namespace trm
