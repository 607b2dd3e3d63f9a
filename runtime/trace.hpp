#pragma once
// A hook for the intermediate tensors of a pass, so that they can be compared with another implementation's. No hook
// is set unless somebody debugs; a pass then only tests a pointer for each block.

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/tensor.hpp"

namespace trm {

// Called with the rows [first, first + rows.rows) of a tensor, first to last. Tensors have the names that PyTorch has
// for the module: "layers.0.mlp" is the module's output, "layers.0.mlp.input" its input. Only for a team of one: a
// hook is not called from several threads.
using Trace = std::function<void(const std::string& name, MatrixView<const float> rows, std::int64_t first)>;

}  // namespace trm
