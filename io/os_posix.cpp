// POSIX: Linux, macOS, the BSDs.

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "io/os.hpp"

namespace trm::os {
namespace {

FileStatus described(const struct stat& status) {
  const FileKind kind = S_ISREG(status.st_mode)   ? FileKind::regular
                        : S_ISDIR(status.st_mode) ? FileKind::directory
                                                  : FileKind::other;
  const std::uint64_t bytes = kind == FileKind::regular ? static_cast<std::uint64_t>(status.st_size) : 0;
  return {kind, bytes, status.st_mode & 07777U, status.st_uid, status.st_gid};
}

// False: the file has lost its name, or fstat fails.
bool has_name(int file) {
  struct stat status {};
  return ::fstat(file, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

std::optional<FileStatus> status(const Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return described(status);
}

std::optional<FileStatus> status(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return std::nullopt;
  return described(status);
}

void close(int file) {
  ::close(file);
}

int open_to_read(const Path& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

std::int64_t read(int file, std::span<std::byte> out) {
  return ::read(file, out.data(), out.size());
}

std::int64_t read_at(int file, std::uint64_t offset, std::span<std::byte> out) {
  return ::pread(file, out.data(), out.size(), static_cast<off_t>(offset));
}

bool wait_for(int file, int timeout_ms) {
  pollfd request{.fd = file, .events = POLLIN, .revents = 0};
  return ::poll(&request, 1, timeout_ms) > 0;
}

bool may_write(const Path& path) {
  return ::access(path.c_str(), W_OK) == 0;
}

int open_stream(const Path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (file >= 0) ::fcntl(file, F_SETFL, 0);  // only opening must not wait
  return file;
}

int open_standard_output() {
  return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
}

std::int64_t write(int file, std::span<const std::byte> bytes) {
  return ::write(file, bytes.data(), bytes.size());
}

std::int64_t write_at(int file, std::uint64_t offset, std::span<const std::byte> bytes) {
  return ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
}

std::optional<std::uint64_t> free_bytes(int file) {
  struct statvfs system {};
  if (::fstatvfs(file, &system) != 0 || system.f_blocks == 0) return std::nullopt;
  return std::uint64_t{system.f_bavail} * system.f_frsize;
}

int create_locked(const Path& path, bool successor) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, successor ? 0600 : 0666);
  if (file < 0) return file;
  ::flock(file, LOCK_EX);  // where the file system has no locks, nobody takes this file for abandoned either
  if (has_name(file)) return file;
  ::close(file);  // another writer took it for abandoned before it was locked
  errno = EEXIST;
  return -1;
}

bool remove_abandoned(const Path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return false;
  const bool abandoned = ::flock(file, LOCK_EX | LOCK_NB) == 0;
  // Without a name: another writer removed it first, and the name may be a new file's.
  if (abandoned && has_name(file)) ::unlink(path.c_str());
  ::close(file);
  return abandoned;
}

bool copy_mode(int file, const FileStatus& of) {
  [[maybe_unused]] const int changed = ::fchown(file, of.owner, of.group);  // only root can
  return ::fchmod(file, static_cast<mode_t>(of.mode)) == 0;
}

bool replace(int file, const Path& from, const Path& target) {
  if (::fsync(file) != 0 || ::rename(from.c_str(), target.c_str()) != 0) return false;
  ::close(file);
  // The rename itself is durable only when the directory is. Some file systems cannot: the file is whole either way.
  const Path folder = target.has_parent_path() ? target.parent_path() : Path(".");
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return true;
  ::fsync(directory);
  ::close(directory);
  return true;
}

bool close_stream(int file) {
  return ::close(file) == 0;
}

}  // namespace trm::os
