#pragma once
// What this room asks of the operating system: os_posix.cpp and os_windows.cpp answer. Files are descriptors. A call
// that fails says so by its value, and why in errno.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

namespace trm::os {

using Path = std::filesystem::path;

enum class FileKind : std::uint8_t { regular, directory, other };

struct FileStatus {
  FileKind kind = FileKind::other;
  std::uint64_t bytes = 0;                       // of a regular file
  std::uint32_t mode = 0, owner = 0, group = 0;  // of POSIX; 0 on Windows
};

inline constexpr int standard_input = 0, standard_output = 1;

[[nodiscard]] std::optional<FileStatus> status(const Path& path);  // of what a link names
[[nodiscard]] std::optional<FileStatus> status(int file);
void close(int file);

// Reading. -1 for failure, else the number of bytes, 0 at the end.
[[nodiscard]] int open_to_read(const Path& path);  // does not wait for a pipe's writer
[[nodiscard]] std::int64_t read(int file, std::span<std::byte> out);
[[nodiscard]] std::int64_t read_at(int file, std::uint64_t offset, std::span<std::byte> out);  // any number of threads
// Has the file something to read, or come to its end? False after `timeout_ms`, or when a signal comes.
[[nodiscard]] bool wait_for(int file, int timeout_ms);

// Writing.
[[nodiscard]] bool may_write(const Path& path);
[[nodiscard]] int open_stream(const Path& path);  // what is no regular file. Does not wait for a pipe's reader
[[nodiscard]] int open_standard_output();
[[nodiscard]] std::int64_t write(int file, std::span<const std::byte> bytes);
[[nodiscard]] std::int64_t write_at(int file, std::uint64_t offset, std::span<const std::byte> bytes);
[[nodiscard]] std::optional<std::uint64_t> free_bytes(int file);  // of its file system, if that says

// A new file that is locked as long as this process has it open; `successor` of a file whose mode it will get, and so
// nobody's but its owner's until then. -1 and EEXIST where there is one.
[[nodiscard]] int create_locked(const Path& path, bool successor);
// Removes a file of create_locked() whose process is gone. False: there is none, or its process lives.
bool remove_abandoned(const Path& path);
[[nodiscard]] bool copy_mode(int file, const FileStatus& of);  // the owner, too, where that is allowed
// Makes the file durable, gives it the name `target`, whose file it replaces, and closes it. After a failure nothing
// has changed, and the file is still open.
[[nodiscard]] bool replace(int file, const Path& from, const Path& target);
[[nodiscard]] bool close_stream(int file);  // tells what a write could not

}  // namespace trm::os
