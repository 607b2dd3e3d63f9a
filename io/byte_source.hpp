#pragma once
// The bytes of a file, or bytes in memory, read at any place: where the readers of this room read from. Nothing is
// mapped, so that a file that shrinks under the process is an error instead of a signal.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/input_file.hpp"

namespace trm {

class ByteSource {
 public:
  // A regular file. Throws Error(io).
  [[nodiscard]] static ByteSource open(const std::filesystem::path& path);
  // `bytes` must outlive the source; `name` is for messages.
  [[nodiscard]] static ByteSource view(std::span<const std::byte> bytes, std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // The bytes themselves; null where they lie in the file called name().
  [[nodiscard]] std::span<const std::byte> memory() const { return memory_; }
  // Bytes [offset, offset + out.size()). Throws Error(input) past the end, Error(io) when reading fails or the file has
  // become shorter. Any number of threads may read at once.
  void read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  ByteSource() = default;

  std::string name_;
  std::uint64_t size_ = 0;
  InputFile file_;  // not open for bytes in memory
  std::span<const std::byte> memory_;
};

// A part of a source that is read ahead, for readers that go through it mostly forwards. A thread needs its own.
class ByteWindow {
 public:
  explicit ByteWindow(const ByteSource& source, std::size_t read_ahead = std::size_t{64} << 10)
      : source_(&source), read_ahead_(read_ahead) {}

  // Bytes [offset, offset + count), until the next call. Throws as ByteSource::read does.
  [[nodiscard]] std::span<const std::byte> at(std::uint64_t offset, std::size_t count);

 private:
  const ByteSource* source_;
  std::size_t read_ahead_;   // bytes
  std::uint64_t first_ = 0;  // where `bytes_` begins in the source
  std::vector<std::byte> bytes_;
};

}  // namespace trm
