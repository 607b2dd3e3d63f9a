#pragma once
// A file's bytes, mapped read-only: a table larger than memory costs the pages that are touched.

#include <cstddef>
#include <filesystem>
#include <span>

namespace trm {

class MappedFile {
 public:
  MappedFile() = default;
  // Never waits for the writer of a pipe. Throws Error(io) when the file cannot be opened or mapped.
  [[nodiscard]] static MappedFile open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  // Tells the system that the whole pages within `part` need not stay resident; they are read again when touched.
  void release(std::span<const std::byte> part) const;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace trm
