#include "io/byte_source.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace trm {
namespace {

// Throws Error(input) unless the source holds these bytes.
void check_range(const ByteSource& source, std::uint64_t offset, std::size_t count) {
  if (offset <= source.size() && count <= source.size() - offset) return;
  throw input_error(source.name(), "byte " + std::to_string(offset), "the file ends too early",
                    "it is truncated: copy it again");
}

}  // namespace

ByteSource ByteSource::open(const std::filesystem::path& path) {
  ByteSource source;
  source.file_ = InputFile::open(path);
  source.name_ = source.file_.name();
  source.size_ = source.file_.size();
  return source;
}

ByteSource ByteSource::view(std::span<const std::byte> bytes, std::string name) {
  ByteSource source;
  source.name_ = std::move(name);
  source.size_ = bytes.size();
  source.memory_ = bytes;
  return source;
}

void ByteSource::read(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(*this, offset, out.size());
  if (memory_.data() == nullptr) {
    if (!out.empty()) file_.read_at(offset, out);
    return;
  }
  std::copy_n(memory_.data() + offset, out.size(), out.data());
}

std::span<const std::byte> ByteWindow::at(std::uint64_t offset, std::size_t count) {
  check_range(*source_, offset, count);
  if (source_->memory().data() != nullptr) return source_->memory().subspan(offset, count);
  if (offset < first_ || offset - first_ > bytes_.size() || count > bytes_.size() - (offset - first_)) {
    std::vector<std::byte> bytes = std::exchange(bytes_, {});  // nothing is in the window if reading fails
    bytes.resize(std::min<std::uint64_t>(std::max(count, read_ahead_), source_->size() - offset));
    source_->read(offset, bytes);
    bytes_ = std::move(bytes);
    first_ = offset;
  }
  return std::span(bytes_).subspan(offset - first_, count);
}

}  // namespace trm
