#pragma once
// Writes a GGUF file in order: the header with the list of tensors, then the bytes of each tensor in pieces, then the
// values that are known only at the end (checksums). A tensor larger than memory streams through. A file appears
// whole or not at all.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "io/byte_sink.hpp"
#include "io/gguf.hpp"

namespace trm::gguf {

class Writer {
 public:
  // Writes the header. Assigns the tensors' offsets. Throws what the sink throws, also where it lacks the space for
  // them.
  Writer(std::unique_ptr<ByteSink> sink, const std::vector<KeyValue>& metadata, std::vector<TensorInfo> tensors);
  // Into a file.
  Writer(const std::filesystem::path& path, const std::vector<KeyValue>& metadata, std::vector<TensorInfo> tensors);

  // The next tensor of the list: its bytes follow. Throws Error(work) for another name, and where the bytes of the
  // tensor before are not complete.
  void begin(std::string_view name);
  // The next bytes of that tensor. Throws Error(work) where they are more than its shape says, and Error(io).
  void write(std::span<const std::byte> bytes);
  // Commits the sink, so that the file appears. `metadata` takes the place of the constructor's and must be of the same
  // size in bytes.
  void finish(const std::vector<KeyValue>& metadata);

  [[nodiscard]] std::uint64_t tensor_bytes_written() const { return written_; }  // of all tensors so far

 private:
  void end_tensor();
  void flush();

  std::unique_ptr<ByteSink> sink_;
  std::vector<TensorInfo> tensors_;
  std::size_t header_size_ = 0;
  std::size_t begun_ = 0;           // tensors
  std::uint64_t remaining_ = 0;     // bytes of the last begun tensor
  std::uint64_t written_ = 0;       // bytes
  std::vector<std::byte> pending_;  // small pieces, collected into one write
};

}  // namespace trm::gguf
