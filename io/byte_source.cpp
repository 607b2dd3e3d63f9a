#include "io/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "io/io_error.hpp"

namespace trm {

ByteSource ByteSource::open(const std::filesystem::path& path) {
  ByteSource source;
  source.name_ = path.string();
  source.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (source.file_ < 0) throw io_error(path, "cannot read", errno);
  struct stat status {};
  if (::fstat(source.file_, &status) != 0) throw io_error(path, "cannot read", errno);
  if (S_ISDIR(status.st_mode)) throw io_error(path, "cannot read", EISDIR);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorKind::io, source.name_ + ": cannot read: not a regular file; copy it to one");
  }
  source.size_ = static_cast<std::uint64_t>(status.st_size);
  return source;
}

ByteSource ByteSource::view(std::span<const std::byte> bytes, std::string name) {
  ByteSource source;
  source.name_ = std::move(name);
  source.size_ = bytes.size();
  source.memory_ = bytes.data();
  return source;
}

ByteSource::ByteSource(ByteSource&& other) noexcept
    : name_(std::move(other.name_)),
      size_(other.size_),
      file_(std::exchange(other.file_, -1)),
      memory_(other.memory_) {}

ByteSource& ByteSource::operator=(ByteSource&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(size_, other.size_);
  std::swap(file_, other.file_);
  std::swap(memory_, other.memory_);
  return *this;
}

ByteSource::~ByteSource() {
  if (file_ >= 0) ::close(file_);
}

void ByteSource::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > size_ || out.size() > size_ - offset) {
    throw input_error(name_, "byte " + std::to_string(offset), "the file ends too early",
                      "it is truncated: copy it again");
  }
  if (file_ < 0) {
    if (!out.empty()) std::memcpy(out.data(), memory_ + offset, out.size());
    return;
  }
  while (!out.empty()) {
    const ssize_t got = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw io_error(name_, "cannot read", errno);
    if (got == 0) throw Error(ErrorKind::io, name_ + ": became shorter while it was read");
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace trm
