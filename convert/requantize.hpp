#pragma once
// A float32 model file becomes one in fewer bits.

#include <cstdint>
#include <filesystem>

#include "io/gguf.hpp"

namespace trm {

// Writes the layers' weights as `type`, f16, i8 or q4_0 (type_within of weight_encoder.hpp); everything else stays as
// it is, the id table and the provenance too. Checks the whole of `input` first (verify_whole). Throws Error(input)
// where it is damaged or a weight of it is not float32, Error(usage) for another type, and where output and input are
// the same file. Returns the bytes written.
std::uint64_t requantize(const std::filesystem::path& input, const std::filesystem::path& output, gguf::Type type);

}  // namespace trm
