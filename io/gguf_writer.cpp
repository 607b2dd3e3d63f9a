#include "io/gguf_writer.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <type_traits>
#include <utility>

#include "base/error.hpp"

namespace trm::gguf {
namespace {

constexpr std::array<std::byte, alignment> zeros{};
constexpr std::size_t pending_capacity = std::size_t{256} << 10;  // bytes; a size that file systems like

std::uint64_t padding(std::uint64_t size) {
  return (alignment - size % alignment) % alignment;
}

// Collects the bytes of the header.
class Header {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  void put(T value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void put(const std::string& text) {
    put(std::uint64_t{text.size()});
    bytes_ += text;
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put(kind_of<T>());
    put(std::uint64_t{values.size()});
    for (const auto& value : values) put(value);
  }
  void put(const Value& value) {
    std::visit(
        [&]<class T>(const T& v) {
          put(kind_of<T>());
          put(v);
        },
        value);
  }
  void pad() { bytes_.resize(bytes_.size() + padding(bytes_.size())); }

  [[nodiscard]] std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }

 private:
  // The number that the file stores for a C++ type.
  template <class T>
  static constexpr std::uint32_t kind_of() {
    if constexpr (std::is_same_v<T, std::uint32_t>) return 4;
    if constexpr (std::is_same_v<T, float>) return 6;
    if constexpr (std::is_same_v<T, bool>) return 7;
    if constexpr (std::is_same_v<T, std::string>) return 8;
    if constexpr (std::is_same_v<T, std::uint64_t>) return 10;
    if constexpr (std::is_same_v<T, std::int64_t>) return 11;
    if constexpr (std::is_same_v<T, double>) return 12;
    return 9;  // an array
  }

  std::string bytes_;
};

Header header_of(const std::vector<KeyValue>& metadata, const std::vector<TensorInfo>& tensors) {
  Header header;
  header.put(magic);
  header.put(version);
  header.put(std::uint64_t{tensors.size()});
  header.put(std::uint64_t{metadata.size()});
  for (const auto& [key, value] : metadata) {
    header.put(key);
    header.put(value);
  }
  for (const auto& tensor : tensors) {
    header.put(tensor.name);
    header.put(static_cast<std::uint32_t>(tensor.shape.size()));
    for (std::size_t axis = tensor.shape.size(); axis-- > 0;)
      header.put(static_cast<std::uint64_t>(tensor.shape[axis]));
    header.put(static_cast<std::uint32_t>(tensor.type));
    header.put(tensor.offset);
  }
  header.pad();
  return header;
}

// Each tensor begins at a multiple of the alignment.
std::vector<TensorInfo> with_offsets(std::vector<TensorInfo> tensors) {
  std::uint64_t offset = 0;
  for (TensorInfo& tensor : tensors) {
    tensor.offset = offset;
    offset += tensor.bytes() + padding(tensor.bytes());
  }
  return tensors;
}

}  // namespace

Writer::Writer(const std::filesystem::path& path, const std::vector<KeyValue>& metadata,
               std::vector<TensorInfo> tensors)
    : Writer(file_sink(path), metadata, std::move(tensors)) {}

Writer::Writer(std::unique_ptr<ByteSink> sink, const std::vector<KeyValue>& metadata, std::vector<TensorInfo> tensors)
    : sink_(std::move(sink)), tensors_(with_offsets(std::move(tensors))) {
  const Header header = header_of(metadata, tensors_);
  header_size_ = header.bytes().size();
  std::uint64_t size = header_size_;
  for (const TensorInfo& tensor : tensors_) size += tensor.bytes() + padding(tensor.bytes());
  sink_->require_space(size);
  sink_->write(header.bytes());
  pending_.reserve(pending_capacity);
}

void Writer::begin(std::string_view name) {
  end_tensor();
  if (begun_ == tensors_.size() || tensors_[begun_].name != name) {
    throw Error(ErrorKind::work, sink_->name() + ": tensor " + std::string(name) + " is not the next of the list");
  }
  remaining_ = tensors_[begun_++].bytes();
}

void Writer::write(std::span<const std::byte> bytes) {
  if (bytes.size() > remaining_) {
    throw Error(ErrorKind::work, sink_->name() + ": more bytes than the shape of the tensor says" +
                                     (begun_ == 0 ? "" : ", " + tensors_[begun_ - 1].name));
  }
  remaining_ -= bytes.size();
  written_ += bytes.size();
  if (pending_.size() + bytes.size() > pending_capacity) flush();
  if (bytes.size() > pending_capacity) {
    sink_->write(bytes);
  } else {
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  }
}

void Writer::finish(const std::vector<KeyValue>& metadata) {
  end_tensor();
  if (begun_ != tensors_.size()) {
    throw Error(ErrorKind::work, sink_->name() + ": tensor " + tensors_[begun_].name + " was not written");
  }
  flush();
  const Header header = header_of(metadata, tensors_);
  if (header.bytes().size() != header_size_) {
    throw Error(ErrorKind::work, sink_->name() + ": a metadata value changed its size while the file was written");
  }
  sink_->overwrite(0, header.bytes());
  sink_->commit();
}

void Writer::end_tensor() {
  if (remaining_ > 0) {
    throw Error(ErrorKind::work, sink_->name() + ": tensor " + tensors_[begun_ - 1].name + " lacks " +
                                     std::to_string(remaining_) + " bytes; did a source file change meanwhile?");
  }
  if (begun_ == 0) return;
  const auto pad = std::span(zeros).first(padding(tensors_[begun_ - 1].bytes()));
  pending_.insert(pending_.end(), pad.begin(), pad.end());
}

void Writer::flush() {
  sink_->write(pending_);
  pending_.clear();
}

}  // namespace trm::gguf
