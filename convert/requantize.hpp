#pragma once
// A float32 model file becomes one in fewer bits.

#include <cstdint>
#include <filesystem>

#include "io/gguf.hpp"

namespace trm {

// Weights of the layers in `type`; everything else, the id table and the provenance
// too, as it was. Throws Error(input) unless `input` is a float32 model, Error(usage)
// when output and input are the same file. Returns the bytes written.
std::uint64_t requantize(const std::filesystem::path& input, const std::filesystem::path& output, gguf::Type type);

}  // namespace trm
