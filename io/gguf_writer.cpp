#include <algorithm>
#include <array>
#include <type_traits>

#include "base/error.hpp"
#include "io/atomic_file.hpp"
#include "io/gguf.hpp"

namespace trm::gguf {
namespace {

constexpr std::array<std::byte, alignment> zeros{};

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

// Collects small pieces into large writes.
class Pieces {
 public:
  explicit Pieces(AtomicFile& file) : file_(file) { pending_.reserve(capacity); }

  void write(std::span<const std::byte> piece) {
    total_ += piece.size();
    if (pending_.size() + piece.size() > capacity) flush();
    if (piece.size() > capacity) {
      file_.write(piece);
    } else {
      pending_.insert(pending_.end(), piece.begin(), piece.end());
    }
  }
  void flush() {
    file_.write(pending_);
    pending_.clear();
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  static constexpr std::size_t capacity = std::size_t{256} << 10;
  AtomicFile& file_;
  std::vector<std::byte> pending_;
  std::uint64_t total_ = 0;
};

void write_tensor(AtomicFile& file, const Source& source) {
  Pieces pieces(file);
  source.fill([&](std::span<const std::byte> piece) { pieces.write(piece); });
  const std::uint64_t bytes = source.tensor.bytes();
  if (pieces.total() != bytes) {
    throw Error(ErrorKind::work, "tensor " + source.tensor.name + ": " + std::to_string(pieces.total()) +
                                     " bytes came, " + std::to_string(bytes) +
                                     " were announced; did a source file change meanwhile?");
  }
  pieces.write(std::span(zeros).first(padding(bytes)));
  pieces.flush();
}

}  // namespace

void write(const std::filesystem::path& path, std::vector<KeyValue> metadata, const std::vector<Source>& sources,
           const std::function<void(std::vector<KeyValue>& metadata)>& finish) {
  std::vector<TensorInfo> tensors;
  std::uint64_t offset = 0;
  for (const auto& source : sources) {
    tensors.push_back(source.tensor);
    tensors.back().offset = offset;
    offset += source.tensor.bytes() + padding(source.tensor.bytes());
  }
  const Header header = header_of(metadata, tensors);
  AtomicFile file(path, AtomicFile::Streams::refused);
  file.require_space(header.bytes().size() + offset);
  file.write(header.bytes());
  for (const auto& source : sources) write_tensor(file, source);
  if (finish) {
    finish(metadata);
    const Header finished = header_of(metadata, tensors);
    if (finished.bytes().size() != header.bytes().size()) {
      throw Error(ErrorKind::work, path.string() + ": a metadata value changed its size while the file was written");
    }
    file.overwrite(0, finished.bytes());
  }
  file.commit();
}

}  // namespace trm::gguf
