#pragma once
// The tensors in a pickle that torch.save wrote. Dictionaries, lists and tuples
// are walked, and every tensor is listed under its path ("model.0.weight").
//
// What is understood: dict, OrderedDict, defaultdict, list, tuple, and the calls
// by which torch restores tensors and Parameters. Every other object is inert:
// it is skipped and noted, since trainers keep objects of their own classes
// beside the weights. A file is refused, by the name of what it asks for, when
// - it mentions, anywhere, a function that acts on the machine (os.system, eval,
//   subprocess, ...): no trainer needs one, and whoever wrote it meant harm; or
// - no tensor is left besides what was skipped.
// Nothing is ever called in either case.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convert/checkpoint/checkpoint.hpp"
#include "convert/checkpoint/pickle.hpp"

namespace trm {

struct TorchState {
  std::vector<CheckpointTensor> tensors;  // CheckpointTensor::storage is an index into storage_keys
  std::vector<std::string> storage_keys;  // the names of records in the zip's data/ folder
  std::vector<SkippedItem> skipped;
  Checkpoint::Configuration configuration;
};

// `name` is the file, for messages. Throws Error(input).
[[nodiscard]] TorchState list_tensors(const pickle::Document& document, const std::string& name);

// Bytes of an element of a storage of the class `type_name` ("FloatStorage"). Nothing for an unknown class.
[[nodiscard]] std::optional<std::size_t> storage_element_size(std::string_view type_name);

}  // namespace trm
