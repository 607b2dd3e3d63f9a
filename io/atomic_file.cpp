#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "io/io_error.hpp"

namespace trm {
namespace {

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

// Where the bytes end up: the path itself, or what a symbolic link names.
std::filesystem::path resolve(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::is_symlink(path, failure)) return path;
  std::filesystem::path target = std::filesystem::weakly_canonical(path, failure);
  if (failure) throw io_error(path, "cannot follow the link", failure.value());
  return target;
}

// Renaming over a read-only file or a device would succeed, but nobody asked for that.
void check_target(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return;  // the directory is checked when the temporary is created
    throw io_error(path, "cannot write", errno);
  }
  if (S_ISDIR(status.st_mode)) throw io_error(path, "cannot write", EISDIR);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorKind::io, path.string() + ": cannot write: not a regular file; give the name of a file");
  }
  if (::access(path.c_str(), W_OK) != 0) throw io_error(path, "cannot replace this file", errno);
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& path) : path_(resolve(path)) {
  check_target(path_);
  const std::filesystem::path directory = directory_of(path_);
  const std::string prefix = "." + std::to_string(::getpid()) + ".";
  for (int attempt = 0; file_ < 0; ++attempt) {
    temporary_ = directory / (prefix + std::to_string(attempt) + ".trm-tmp");
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ >= 0 || (errno == EEXIST && attempt < 1000)) continue;
    throw io_error(path_, errno == ENOENT ? "cannot write: its directory does not exist" : "cannot write", errno);
  }
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write_at(size_, bytes);
  size_ += bytes.size();
}

void AtomicFile::overwrite(std::uint64_t offset, std::span<const std::byte> bytes) {
  write_at(offset, bytes);
}

void AtomicFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error(path_, "cannot write", errno);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  if (::fsync(file_) != 0) throw io_error(path_, "cannot write", errno);
  const int file = file_;
  file_ = -1;
  if (::close(file) != 0) throw io_error(path_, "cannot write", errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw io_error(path_, "cannot replace this file", errno);
  temporary_.clear();

  // The rename itself is durable only when the directory is. Some file systems cannot: the file is whole either way.
  const int directory = ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  ::fsync(directory);
  ::close(directory);
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace trm
