#pragma once
// A file that appears whole or not at all. Bytes go to a temporary beside the
// target; commit() makes them durable and renames. Without commit() (an
// exception, a full disk) the temporary is removed and the old file stands.
// A killed process leaves the old file, or the whole new one, and at most a
// temporary named ".<pid>.<n>.trm-tmp".

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace trm {

class AtomicFile {
 public:
  // A symbolic link is followed: the file it names is replaced. Throws Error(io)
  // when the directory is missing, or the target is a directory, a device or read-only.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes);  // appends
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  // Replaces bytes written before: a placeholder whose value is known only at the end.
  void overwrite(std::uint64_t offset, std::span<const std::byte> bytes);
  void commit();  // once, at the end

  [[nodiscard]] std::uint64_t size() const { return size_; }  // bytes appended so far

 private:
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty: committed
  int file_ = -1;
  std::uint64_t size_ = 0;
};

// The whole of a small file at once.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace trm
