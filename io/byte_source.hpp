#pragma once
// Random access to the bytes of a file, or to bytes in memory, without loading
// them: what every reader of this room reads from.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace trm {

class ByteSource {
 public:
  [[nodiscard]] static ByteSource open(const std::filesystem::path& path);  // throws Error(io)
  // `bytes` must outlive the source; `name` is for messages.
  [[nodiscard]] static ByteSource view(std::span<const std::byte> bytes, std::string name);

  ByteSource(ByteSource&& other) noexcept;
  ByteSource& operator=(ByteSource&& other) noexcept;
  ~ByteSource();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // The bytes themselves; null where they lie in the file called name().
  [[nodiscard]] std::span<const std::byte> memory() const { return {memory_, memory_ == nullptr ? 0 : size_}; }
  // Bytes [offset, offset + out.size()). Throws Error(input) past the end, Error(io) when reading fails.
  void read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  ByteSource() = default;

  std::string name_;
  std::uint64_t size_ = 0;
  int file_ = -1;
  const std::byte* memory_ = nullptr;
};

}  // namespace trm
