#include "io/atomic_file.hpp"

#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "io/io_error.hpp"
#include "io/os.hpp"

namespace trm {
namespace {

using Path = std::filesystem::path;

constexpr const char* standard_output = "/dev/stdout";

Path directory_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path(".");
}

// Nothing where there is no such file yet: its directory is checked when the temporary is created.
std::optional<os::FileStatus> status_of(const Path& path) {
  const auto status = os::status(path);
  if (!status && errno != ENOENT && errno != ENOTDIR) throw io_error(path, "cannot write", errno);
  return status;
}

Error not_a_file(const Path& path) {
  return {ErrorKind::io,
          {.file = path.string(),
           .place = {},
           .what = "cannot write: not a regular file",
           .remedy = "give the name of a file",
           .settings = {}}};
}

// A name in the target's directory. Long names are cut, between two characters: a name has at most 255 bytes.
Path temporary_of(const Path& path, int number) {
  std::string name = path.filename().string();
  if (name.size() > 200) {
    std::size_t end = 200;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;  // inside a UTF-8 character
    name.resize(end);
  }
  return directory_of(path) / ('.' + name + '.' + std::to_string(number) + ".trm-tmp");
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
  if (given && given->kind == os::FileKind::directory) throw io_error(path, "cannot write", EISDIR);
  if ((given && given->kind != os::FileKind::regular) || path == standard_output) {
    if (streams == Streams::refused) throw not_a_file(path);
    open_stream();
    return;
  }
  path_ = write_target(path);
  // Renaming over a read-only file would succeed, but nobody asked for that.
  if (given && !os::may_write(path_)) throw io_error(path_, "cannot replace this file", errno);
  open_temporary(given.has_value());
  if (given && !os::copy_mode(file_, *given)) throw io_error(path_, "cannot set the mode of its successor", errno);
}

void AtomicFile::open_stream() {
  // Standard output that is a file and opened again would be written from its start.
  file_ = path_ == standard_output ? os::open_standard_output() : os::open_stream(path_);
  if (file_ < 0) {
    throw io_error(path_, errno == ENXIO ? "cannot write: no program reads this pipe" : "cannot write", errno);
  }
}

void AtomicFile::open_temporary(bool successor) {
  constexpr int most = 1000;  // writers of one target at once
  int number = 0;
  while (file_ < 0) {
    temporary_ = temporary_of(path_, number);
    file_ = os::create_locked(temporary_, successor);
    if (file_ >= 0) break;
    const int failure = errno;
    if (failure == EEXIST && number < most) {
      if (!os::remove_abandoned(temporary_)) ++number;
      continue;
    }
    temporary_.clear();
    throw io_error(path_, failure == ENOENT ? "cannot write: its directory does not exist" : "cannot write", failure);
  }
  while (os::remove_abandoned(temporary_of(path_, ++number))) {
  }
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) os::close(file_);
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::require_space(std::uint64_t bytes) const {
  const auto free_bytes = streams() ? std::nullopt : os::free_bytes(file_);
  if (!free_bytes || bytes <= *free_bytes) return;
  const std::uint64_t free = *free_bytes;
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
    const std::int64_t written = os::write(file_, bytes);
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
    const std::int64_t written = os::write_at(file_, offset, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error(path_, "cannot write", errno);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  if (streams()) {
    if (!os::close_stream(std::exchange(file_, -1))) throw io_error(path_, "cannot write", errno);
    return;
  }
  if (!os::replace(file_, temporary_, path_)) throw io_error(path_, "cannot replace this file", errno);
  temporary_.clear();
  file_ = -1;
}

void write_file(const Path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace trm
