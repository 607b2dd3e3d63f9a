#include "io/input_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "io/io_error.hpp"

namespace trm {
namespace {

constexpr int wait_ms = 100;  // between two looks at `interrupted`

// Has the file something to read, or come to its end? False after the time is over, or when a signal comes.
bool wait_for(int file, int timeout_ms) {
  pollfd request{.fd = file, .events = POLLIN, .revents = 0};
  return ::poll(&request, 1, timeout_ms) > 0;
}

struct stat status_of(int file, const std::string& name) {
  struct stat status {};
  if (::fstat(file, &status) != 0) throw io_error(name, "cannot read", errno);
  if (S_ISDIR(status.st_mode)) throw io_error(name, "cannot read", EISDIR);
  return status;
}

}  // namespace

InputFile InputFile::open(const std::filesystem::path& path) {
  InputFile file;
  file.name_ = path.string();
  file.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe's writer is not waited for
  if (file.file_ < 0) throw io_error(path, "cannot open", errno);
  const struct stat status = status_of(file.file_, file.name_);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorKind::io, {.file = file.name_,
                                .place = {},
                                .what = "is not a regular file",
                                .remedy = "copy its contents to one",
                                .settings = {}});
  }
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

InputFile InputFile::open_stream(const std::string& path) {
  InputFile file;
  if (path == "-") {
    file.name_ = "standard input";
    file.file_ = STDIN_FILENO;
    return file;
  }
  file.name_ = path;
  file.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.file_ < 0) throw io_error(path, "cannot open", errno);
  const struct stat status = status_of(file.file_, path);
  if (S_ISREG(status.st_mode)) file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : name_(std::move(other.name_)), size_(other.size_), file_(std::exchange(other.file_, -1)) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(size_, other.size_);
  std::swap(file_, other.file_);
  return *this;
}

InputFile::~InputFile() {
  if (file_ >= 0 && file_ != STDIN_FILENO) ::close(file_);
}

std::optional<std::size_t> InputFile::read(std::span<std::byte> out, const std::function<bool()>& interrupted) {
  for (;;) {
    if (interrupted && interrupted()) return std::nullopt;
    if (!wait_for(file_, wait_ms)) continue;
    const ssize_t got = ::read(file_, out.data(), out.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR && errno != EAGAIN) throw io_error(name_, "cannot read", errno);
  }
}

bool InputFile::ready() const {
  return wait_for(file_, 0);
}

void InputFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;  // a regular file: the read ends soon by itself
    if (got < 0) throw io_error(name_, "cannot read", errno);
    if (got == 0) {
      throw Error(ErrorKind::io, {.file = name_,
                                  .place = "byte " + std::to_string(offset),
                                  .what = "the file became shorter while it was read",
                                  .remedy = "start again; replace a file that is in use by renaming a new one over it",
                                  .settings = {}});
    }
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace trm
