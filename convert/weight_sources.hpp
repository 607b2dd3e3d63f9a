#pragma once
// One weight of the state dict as tensors of a model file, in the type that was asked for.

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "io/gguf.hpp"
#include "models/tensor_list.hpp"

namespace trm {

// "f32", "f16", "int8" -> f32, f16, i8. Throws Error(usage) for anything else.
[[nodiscard]] gguf::Type parse_weight_type(std::string_view name);

// Visits a tensor's values from first to last, in pieces of whole rows of its last axis. May be called again.
using WeightReader = std::function<void(const std::function<void(std::span<const float>)>& visit)>;

// The tensor itself, and for int8 its scales. Only weights (TensorRole::weight) take
// another type than float32. Everything streams; `read` is called once a source.
[[nodiscard]] std::vector<gguf::Source> weight_sources(const TensorSpec& spec, gguf::Type type, WeightReader read);

}  // namespace trm
