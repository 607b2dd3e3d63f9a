#pragma once
// A model file is a GGUF file that holds more (FORMAT.md): hyperparameters as metadata, a checksum of each tensor and
// one of the metadata. The puzzle-id table has a header of its own (puzzle_table.hpp).

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/gguf.hpp"
#include "models/hyperparameters.hpp"

namespace trm {

// Metadata keys "trm.<field>" for every field of Hyperparameters, and back.
// Reading throws Error(input) for a file that is no trm model, whose metadata do not
// match their checksum, or that has a missing, mistyped or impossible field (named).
[[nodiscard]] std::vector<gguf::KeyValue> to_metadata(const Hyperparameters& hyperparameters);
[[nodiscard]] Hyperparameters read_hyperparameters(const gguf::File& file);

// Compares a tensor of the file, or its bytes that were read already, with its recorded checksum. Throws Error(input)
// naming the tensor.
void verify(const gguf::File& file, const gguf::TensorInfo& tensor);
void verify(const gguf::File& file, const gguf::TensorInfo& tensor, std::span<const std::byte> bytes);

// The checkpoint that a model file was made from.
struct Provenance {
  std::string source_file;    // the checkpoint's name, without its folder
  std::string source_sha256;  // of the checkpoint, hexadecimal
  std::string converter_version;
};

// Writes a model file atomically and computes its checksums on the way. Sources are filled in order; see gguf::write.
void write_model_file(const std::filesystem::path& path, const Hyperparameters& hyperparameters,
                      const Provenance& provenance, const std::vector<gguf::Source>& sources);

// Checks all that FORMAT.md says of a file, more than loading does: metadata, presence, shape and checksum of every
// tensor, and every row of the id table. Reads the whole file. Throws Error(input) at the first fault.
void verify_whole(const gguf::File& file);

}  // namespace trm
