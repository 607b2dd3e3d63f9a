#pragma once
// A weight of a model file as float32, whatever its type.

#include <string>
#include <vector>

#include "io/gguf.hpp"

namespace trm {

// The values of tensor `name`, in the order of its shape; int8 and q4_0 are multiplied by their scales.
// Throws Error(input) where the tensor or its scales are missing, of another type, or do not match their checksum.
[[nodiscard]] std::vector<float> dequantized(const gguf::File& file, const std::string& name);

}  // namespace trm
