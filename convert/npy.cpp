#include "convert/npy.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "convert/byte_source.hpp"
#include "convert/npy_header.hpp"
#include "convert/strides.hpp"
#include "models/atomic_file.hpp"
#include "runtime/error.hpp"

namespace trm {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are read and written as they lie in memory");

constexpr std::size_t piece_elements = std::size_t{1} << 17;  // read at once: at most 1 MB

// `out.size()` elements of Source to the integers T, or an Error for one that T cannot hold.
template <class Source, class T>
void narrow(std::span<const std::byte> bytes, std::span<T> out, const std::string& name) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Source value;
    std::memcpy(&value, bytes.data() + i * sizeof(Source), sizeof(Source));
    if (!std::in_range<T>(value)) {
      throw input_error(name, {}, "holds the value " + std::to_string(value),
                        "it must fit " + std::to_string(8 * sizeof(T)) + " bits");
    }
    out[i] = static_cast<T>(value);  // NOLINT(bugprone-signed-char-misuse): a number, not a character
  }
}

template <class T>
void convert(ElementType type, std::span<const std::byte> bytes, std::span<T> out, const std::string& name) {
  if constexpr (std::is_floating_point_v<T>) {
    to_float(type, bytes, out);
  } else {
    switch (type) {
      case ElementType::i8:
        return narrow<std::int8_t>(bytes, out, name);
      case ElementType::i16:
        return narrow<std::int16_t>(bytes, out, name);
      case ElementType::i32:
        return narrow<std::int32_t>(bytes, out, name);
      case ElementType::i64:
        return narrow<std::int64_t>(bytes, out, name);
      case ElementType::u8:
        return narrow<std::uint8_t>(bytes, out, name);
      case ElementType::u16:
        return narrow<std::uint16_t>(bytes, out, name);
      case ElementType::u32:
        return narrow<std::uint32_t>(bytes, out, name);
      case ElementType::u64:
        return narrow<std::uint64_t>(bytes, out, name);
      case ElementType::boolean:
        std::ranges::transform(bytes, out.begin(), [](std::byte b) { return static_cast<T>(b != std::byte{0}); });
        return;
      default:
        throw input_error(name, {}, std::string("holds ") + to_string(type), "integers are expected here");
    }
  }
}

// Walks the elements of an array in Fortran order and says where each lies in C order.
class FortranWalk {
 public:
  explicit FortranWalk(std::span<const std::int64_t> shape)
      : shape_(shape), stride_(dense_strides(shape)), index_(shape.size(), 0) {}

  std::size_t next() {
    const std::int64_t here = position_;
    for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
      position_ += stride_[axis];
      if (++index_[axis] < shape_[axis]) break;
      position_ -= stride_[axis] * shape_[axis];
      index_[axis] = 0;
    }
    return static_cast<std::size_t>(here);
  }

 private:
  std::span<const std::int64_t> shape_;
  std::vector<std::int64_t> stride_;
  std::vector<std::int64_t> index_;
  std::int64_t position_ = 0;
};

template <class T>
constexpr std::string_view descr() {
  if constexpr (std::is_same_v<T, float>) return "<f4";
  if constexpr (std::is_same_v<T, std::uint8_t>) return "|u1";
  if constexpr (std::is_same_v<T, std::int32_t>) return "<i4";
  if constexpr (std::is_same_v<T, std::int64_t>) return "<i8";
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& name) {
  NpyDescription description = parse_npy_description(bytes, name);
  const std::optional<ElementType> type = npy_element_type(description.descr);
  if (!type) {
    throw input_error(name, "npy header", "element type '" + description.descr.substr(0, 40) + "' is not read",
                      "convert it to little-endian integers or floats");
  }
  return {*type, description.fortran_order, std::move(description.shape), description.data_offset};
}

NpyHeader read_npy_header(const ByteSource& source) {
  std::vector<std::byte> start(std::min<std::uint64_t>(source.size(), npy_header_limit));
  source.read(0, start);
  NpyHeader header = parse_npy_header(start, source.name());
  const std::size_t size = element_size(header.type);
  const auto count = static_cast<std::uint64_t>(*element_count(header.shape));
  const std::uint64_t data_bytes = source.size() - header.data_offset;
  if (data_bytes % size != 0 || data_bytes / size != count) {
    throw input_error(source.name(), "npy data",
                      "has " + std::to_string(data_bytes) + " bytes for " + std::to_string(count) + " elements of " +
                          to_string(header.type),
                      "it is truncated or damaged: copy it again");
  }
  return header;
}

template <class T>
void read_npy_elements(const ByteSource& source, const NpyHeader& header, std::int64_t first, std::span<T> out) {
  const std::size_t size = element_size(header.type);
  std::uint64_t offset = header.data_offset + static_cast<std::uint64_t>(first) * size;
  std::vector<std::byte> raw;
  while (!out.empty()) {
    const auto piece = out.first(std::min(out.size(), piece_elements));
    raw.resize(piece.size() * size);
    source.read(offset, raw);
    convert<T>(header.type, raw, piece, source.name());
    offset += raw.size();
    out = out.subspan(piece.size());
  }
}

template <class T>
NpyArray<T> read_npy(const ByteSource& source) {
  NpyHeader header = read_npy_header(source);
  std::vector<T> values(static_cast<std::size_t>(*element_count(header.shape)));
  read_npy_elements<T>(source, header, 0, values);
  if (header.fortran_order) {
    std::vector<T> ordered(values.size());
    FortranWalk walk(header.shape);
    for (const T value : values) ordered[walk.next()] = value;
    values = std::move(ordered);
  }
  return {std::move(header.shape), std::move(values)};
}

template <class T>
NpyArray<T> read_npy(const std::filesystem::path& path) {
  return read_npy<T>(ByteSource::open(path));
}

template <class T>
void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const T> values) {
  if (element_count(shape) != static_cast<std::int64_t>(values.size())) {
    throw Error(ErrorKind::work, path.string() + ": the shape does not match the number of values");
  }
  AtomicFile file(path);
  file.write(npy_header(descr<T>(), shape));
  file.write(std::as_bytes(values));
  file.commit();
}

template void read_npy_elements(const ByteSource& source, const NpyHeader& header, std::int64_t first,
                                std::span<std::int32_t> out);
template NpyArray<std::int32_t> read_npy(const std::filesystem::path& path);
template NpyArray<std::int64_t> read_npy(const std::filesystem::path& path);
template NpyArray<float> read_npy(const std::filesystem::path& path);
template NpyArray<std::int32_t> read_npy(const ByteSource& source);
template NpyArray<std::int64_t> read_npy(const ByteSource& source);
template NpyArray<float> read_npy(const ByteSource& source);
template void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
                        std::span<const std::uint8_t> values);
template void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
                        std::span<const std::int32_t> values);
template void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
                        std::span<const std::int64_t> values);
template void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
                        std::span<const float> values);

}  // namespace trm
