#pragma once
// A file that appears whole or not at all. Bytes go to a temporary beside the target; commit() makes them durable and
// renames the temporary. Without commit() (an exception, a full disk) the temporary is removed and the old file stands.
// A killed process leaves the old file, or the whole new one, and at most a temporary named ".TARGET.<n>.trm-tmp",
// which the next writer of the same target removes: a temporary is locked by its writer as long as that lives.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace trm {

// Where the bytes written to `path` end up: the path itself, or what a symbolic link names, whether that exists or not.
// Throws Error(io) where a link cannot be followed.
[[nodiscard]] std::filesystem::path write_target(std::filesystem::path path);

class AtomicFile {
 public:
  // What a target that is no regular file (a pipe, a terminal, /dev/stdout) means.
  enum class Streams : std::uint8_t {
    written,  // the bytes go to it as they come; there is nothing to rename, and overwrite() is not possible
    refused,
  };

  // A symbolic link is followed: the file that it names is replaced, or created. The mode and the owner of a file that
  // is replaced are kept. Throws Error(io) when the directory is missing, or the target is a directory or read-only.
  explicit AtomicFile(const std::filesystem::path& path, Streams streams = Streams::written);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Throws Error(io) unless the file system has room for so many bytes: better at once than after an hour.
  void require_space(std::uint64_t bytes) const;
  void write(std::span<const std::byte> bytes);  // appends
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  // Replaces bytes written before: a placeholder whose value is known only at the end.
  void overwrite(std::uint64_t offset, std::span<const std::byte> bytes);
  void commit();  // once, at the end

  [[nodiscard]] std::uint64_t size() const { return size_; }  // bytes appended so far

 private:
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes) const;
  void open_stream();
  void open_temporary(bool successor);
  [[nodiscard]] bool streams() const { return temporary_.empty(); }

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty: a stream, or committed
  int file_ = -1;
  std::uint64_t size_ = 0;
};

// The whole of a small file at once.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace trm
