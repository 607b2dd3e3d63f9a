#pragma once
// A model file is a GGUF file that holds more (FORMAT.md): hyperparameters as metadata, a checksum of each tensor and
// one of the metadata. The puzzle-id table has a header of its own (puzzle_table.hpp).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/checksum.hpp"
#include "io/gguf.hpp"
#include "io/gguf_writer.hpp"
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

// Writes a model file in order (gguf::Writer) and computes its checksums on the way. A file appears whole or not at
// all.
class ModelFileWriter {
 public:
  // Writes the header. `tensors` in the order of the file, as FORMAT.md lists them.
  ModelFileWriter(std::unique_ptr<ByteSink> sink, const Hyperparameters& hyperparameters, const Provenance& provenance,
                  std::vector<gguf::TensorInfo> tensors);
  // Into a file.
  ModelFileWriter(const std::filesystem::path& path, const Hyperparameters& hyperparameters,
                  const Provenance& provenance, std::vector<gguf::TensorInfo> tensors);

  void begin(std::string_view name);             // the next tensor of the list
  void write(std::span<const std::byte> bytes);  // the next bytes of that tensor
  // A whole tensor, the next of the list.
  template <class T>
  void write_tensor(std::string_view name, std::span<const T> values) {
    begin(name);
    write(std::as_bytes(values));
  }
  // Of the checkpoint, where it is not known before the tensors are written: the provenance then has zeros in its
  // place.
  void set_source_sha256(const std::string& digits);
  void finish();  // once, after the last tensor

  [[nodiscard]] double share() const;  // of the tensors' bytes that are written

 private:
  void end_tensor();

  std::vector<gguf::TensorInfo> tensors_;
  std::vector<gguf::KeyValue> metadata_;
  gguf::Writer file_;
  StreamingChecksum sum_;                 // of the tensor that is being written
  std::vector<std::uint64_t> checksums_;  // of the tensors that are complete
  bool in_tensor_ = false;
};

// Checks all that FORMAT.md says of a file, more than loading does: metadata, presence, shape and checksum of every
// tensor, and every row of the id table. Reads the whole file. Throws Error(input) at the first fault.
void verify_whole(const gguf::File& file);

}  // namespace trm
