#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "io/io_error.hpp"

namespace trm {
namespace {

using Path = std::filesystem::path;

constexpr const char* standard_output = "/dev/stdout";

Path directory_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path(".");
}

// Nothing where there is no such file yet: its directory is checked when the temporary is created.
std::optional<struct stat> status_of(const Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status;
  if (errno != ENOENT && errno != ENOTDIR) throw io_error(path, "cannot write", errno);
  return std::nullopt;
}

Error not_a_file(const Path& path) {
  return {ErrorKind::io,
          {.file = path.string(),
           .place = {},
           .what = "cannot write: not a regular file",
           .remedy = "give the name of a file",
           .settings = {}}};
}

// A name of the target's directory. Long names are cut: a name has at most 255 bytes.
Path temporary_of(const Path& path, int number) {
  const std::string name = path.filename().string().substr(0, 200);
  return directory_of(path) / ('.' + name + '.' + std::to_string(number) + ".trm-tmp");
}

// Creates and locks a file; -1 and errno where that fails.
int create_locked(const Path& path, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return file;
  ::flock(file, LOCK_EX);  // where the file system has no locks, nobody takes this file for abandoned either
  struct stat status {};
  if (::fstat(file, &status) == 0 && status.st_nlink > 0) return file;
  ::close(file);  // another writer took it for abandoned before it was locked
  errno = EEXIST;
  return -1;
}

// Removes a temporary whose writer is gone. False: there is none, or its writer lives.
bool remove_abandoned(const Path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return false;
  const bool abandoned = ::flock(file, LOCK_EX | LOCK_NB) == 0;
  struct stat status {};  // without a name: another writer removed it first, and the name may be a new file's
  if (abandoned && ::fstat(file, &status) == 0 && status.st_nlink > 0) ::unlink(path.c_str());
  ::close(file);
  return abandoned;
}

}  // namespace

std::filesystem::path write_target(std::filesystem::path path) {
  constexpr int most_links = 40;  // Linux's own limit
  std::error_code failure;
  for (int links = 0; std::filesystem::is_symlink(path, failure); ++links) {
    if (links == most_links) throw io_error(path, "cannot follow the link", ELOOP);
    const Path target = std::filesystem::read_symlink(path, failure);
    if (failure) throw io_error(path, "cannot follow the link", failure.value());
    path = target.is_absolute() ? target : directory_of(path) / target;
  }
  return path;
}

AtomicFile::AtomicFile(const Path& path, Streams streams) : path_(path) {
  const auto given = status_of(path);
  if (given && S_ISDIR(given->st_mode)) throw io_error(path, "cannot write", EISDIR);
  if ((given && !S_ISREG(given->st_mode)) || path == standard_output) {
    if (streams == Streams::refused) throw not_a_file(path);
    open_stream();
    return;
  }
  path_ = write_target(path);
  // Renaming over a read-only file would succeed, but nobody asked for that.
  if (given && ::access(path_.c_str(), W_OK) != 0) throw io_error(path_, "cannot replace this file", errno);
  open_temporary(given ? 0600 : 0666);
  if (!given) return;
  [[maybe_unused]] const int changed = ::fchown(file_, given->st_uid, given->st_gid);  // only root can
  if (::fchmod(file_, given->st_mode & 07777U) != 0)
    throw io_error(path_, "cannot set the mode of its successor", errno);
}

void AtomicFile::open_stream() {
  const bool is_open = path_ == standard_output;  // a file opened again would be written from its start
  file_ =
      is_open ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) : ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (file_ < 0)
    throw io_error(path_, errno == ENXIO ? "cannot write: no program reads this pipe" : "cannot write", errno);
  if (!is_open) ::fcntl(file_, F_SETFL, 0);  // only opening must not wait
}

void AtomicFile::open_temporary(std::uint32_t mode) {
  constexpr int most = 1000;  // writers of one target at once
  int number = 0;
  while (file_ < 0) {
    temporary_ = temporary_of(path_, number);
    file_ = create_locked(temporary_, static_cast<mode_t>(mode));
    if (file_ >= 0) break;
    const int failure = errno;
    if (failure == EEXIST && number < most) {
      if (!remove_abandoned(temporary_)) ++number;
      continue;
    }
    temporary_.clear();
    throw io_error(path_, failure == ENOENT ? "cannot write: its directory does not exist" : "cannot write", failure);
  }
  while (remove_abandoned(temporary_of(path_, ++number))) {
  }
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  if (file_ >= 0) ::close(file_);
}

void AtomicFile::require_space(std::uint64_t bytes) const {
  struct statvfs system {};
  if (streams() || ::fstatvfs(file_, &system) != 0 || system.f_blocks == 0) return;  // it does not say
  const std::uint64_t free = std::uint64_t{system.f_bavail} * system.f_frsize;
  if (bytes <= free) return;
  throw Error(ErrorKind::io,
              {.file = path_.string(),
               .place = {},
               .what = "will have " + std::to_string(bytes) + " bytes, the disk has " + std::to_string(free) + " free",
               .remedy = "free some space or choose another place",
               .settings = {}});
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  if (!streams()) return write_at(size_ - bytes.size(), bytes);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error(path_, "cannot write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::overwrite(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (streams()) throw not_a_file(path_);
  write_at(offset, bytes);
}

void AtomicFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error(path_, "cannot write", errno);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  const bool renames = !streams();
  if (renames && ::fsync(file_) != 0) throw io_error(path_, "cannot write", errno);
  if (renames && ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    throw io_error(path_, "cannot replace this file", errno);
  }
  temporary_.clear();
  if (::close(std::exchange(file_, -1)) != 0) throw io_error(path_, "cannot write", errno);
  if (!renames) return;

  // The rename itself is durable only when the directory is. Some file systems cannot: the file is whole either way.
  const int directory = ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  ::fsync(directory);
  ::close(directory);
}

void write_file(const Path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace trm
