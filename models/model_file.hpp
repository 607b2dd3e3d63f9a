#pragma once
// What a trm model file holds beyond plain GGUF (FORMAT.md): hyperparameters as
// metadata, a checksum per tensor and one of the metadata. The puzzle-id table has
// its own header (puzzle_table.hpp).

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

// Where a model file comes from.
struct Provenance {
  std::string source_file;    // the checkpoint's name, without its folder
  std::string source_sha256;  // of the checkpoint, hexadecimal
  std::string converter_version;
};

// Writes a model file atomically, its checksums computed while the tensors stream
// through. Sources are filled in order; see gguf::write.
void write_model_file(const std::filesystem::path& path, const Hyperparameters& hyperparameters,
                      const Provenance& provenance, const std::vector<gguf::Source>& sources);

// Checks everything that a model file promises, more than loading does: metadata, every
// tensor's presence, shape and checksum, and every row of the id table. Reads the whole
// file. Throws Error(input) at the first fault.
void verify_whole(const gguf::File& file);

}  // namespace trm
