#include "io/input_file.hpp"

#include <cerrno>
#include <utility>

#include "io/io_error.hpp"
#include "io/os.hpp"

namespace trm {
namespace {

constexpr int wait_ms = 100;  // between two looks at `interrupted`

// Opens a file that is no directory; `status` becomes its.
int open_file(const std::filesystem::path& path, os::FileStatus& status) {
  const int file = os::open_to_read(path);
  if (file < 0) throw io_error(path, "cannot open", errno);
  const auto found = os::status(file);
  const int failure = !found ? errno : found->kind == os::FileKind::directory ? EISDIR : 0;
  if (failure != 0) {
    os::close(file);
    throw io_error(path, "cannot read", failure);
  }
  status = *found;
  return file;
}

}  // namespace

InputFile InputFile::open(const std::filesystem::path& path) {
  InputFile file;
  file.name_ = path.string();
  os::FileStatus status;
  file.file_ = open_file(path, status);
  if (status.kind != os::FileKind::regular) {
    throw Error(ErrorKind::io, {.file = file.name_,
                                .place = {},
                                .what = "is not a regular file",
                                .remedy = "copy its contents to one",
                                .settings = {}});
  }
  file.size_ = status.bytes;
  return file;
}

InputFile InputFile::open_stream(const std::string& path) {
  InputFile file;
  if (path == "-") {
    file.name_ = "standard input";
    file.file_ = os::standard_input;
    return file;
  }
  file.name_ = path;
  os::FileStatus status;
  file.file_ = open_file(path, status);
  file.size_ = status.bytes;
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
  if (file_ >= 0 && file_ != os::standard_input) os::close(file_);
}

std::optional<std::size_t> InputFile::read(std::span<std::byte> out, const std::function<bool()>& interrupted) {
  for (;;) {
    if (interrupted && interrupted()) return std::nullopt;
    if (!os::wait_for(file_, wait_ms)) continue;
    const std::int64_t got = os::read(file_, out);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR && errno != EAGAIN) throw io_error(name_, "cannot read", errno);
  }
}

bool InputFile::ready() const {
  return os::wait_for(file_, 0);
}

void InputFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const std::int64_t got = os::read_at(file_, offset, out);
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
