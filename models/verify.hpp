#pragma once
// Everything that can be checked of a model file, more than loading does.

#include "models/gguf.hpp"

namespace trm {

// Metadata, every tensor's presence, shape and checksum, and every row of the id
// table. Reads the whole file. Throws Error(input) at the first thing that is wrong.
void verify_whole(const gguf::File& file);

}  // namespace trm
