#pragma once
// A checkpoint becomes a model file (models/FORMAT.md). Memory does not grow with the weights: they stream through.
// Each kept row of the id table takes 20 bytes.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "convert/model_config.hpp"
#include "convert/state_dict.hpp"
#include "io/byte_sink.hpp"
#include "io/gguf.hpp"
#include "models/hyperparameters.hpp"

namespace trm {

struct ConvertOptions {
  std::filesystem::path checkpoint;
  std::filesystem::path output;
  std::filesystem::path config;       // all_config.yaml; empty: beside the checkpoint, else within it
  std::filesystem::path dataset;      // dataset.json or a data set's folder; empty: beside the checkpoint, if there
  std::filesystem::path identifiers;  // identifiers.json; empty: beside the checkpoint or the data set, if there
  gguf::Type type = gguf::Type::f32;  // of the layers' weights: f32, f16 or i8
  std::string ids = "all";            // RowChoice::parse
  std::string key;                    // dictionary within the checkpoint, where several models fit
  WeightSet weights = WeightSet::automatic;
  std::vector<std::string> overrides;  // "key=value" over the configuration
  std::optional<std::int64_t> seq_len;
  std::optional<std::int64_t> task_seq_len;               // of the puzzle that the model was trained for
  std::function<void(const std::string& remark)> remark;  // hears what the user should know
  std::function<void(double share)> progress;             // hears the share of the work that is done; may throw to stop
};

struct ConvertResult {
  Hyperparameters hyperparameters;
  std::string prefix;       // of the state dict's keys
  bool ema = false;         // the weights are their exponential moving average
  std::int64_t rows = 0;    // kept
  bool named = false;       // with their names
  std::uint64_t bytes = 0;  // of the model file
};

// Throws Error(input) when the configuration, the data set and the checkpoint do not
// agree, or do not say how long a sequence is; nothing is written then.
ConvertResult convert(const ConvertOptions& options);

// The same of a checkpoint that is open already and its configuration, into a sink: of the options' files only those
// that `ids` names are read. `source_sha256`: see Provenance.
ConvertResult convert(const ConvertOptions& options, const Checkpoint& checkpoint, const ConfigText& config,
                      const std::string& source_sha256, std::unique_ptr<ByteSink> sink);

}  // namespace trm
