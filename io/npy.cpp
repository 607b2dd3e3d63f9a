#include "io/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/error.hpp"
#include "io/shape.hpp"

namespace trm {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are read and written as they lie in memory");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t max_rank = 64;  // numpy's own limit

// A cursor over the dictionary literal. Every function either consumes what it names or throws.
struct Literal {
  std::string_view rest;
  const std::string& file;

  [[noreturn]] void fail(const std::string& what) const {
    throw input_error(file, "npy header", what, "write it again with numpy.save");
  }

  // Python's white space; within brackets a line's end is one too.
  void skip_spaces() { rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n\f"), rest.size())); }

  bool accept(std::string_view text) {
    skip_spaces();
    if (!rest.starts_with(text)) return false;
    rest.remove_prefix(text.size());
    return true;
  }

  void expect(std::string_view text) {
    if (!accept(text)) fail("expected " + std::string(text));
  }

  std::string_view quoted() {
    skip_spaces();
    if (rest.starts_with('u')) rest.remove_prefix(1);  // Python 2 may have written u'descr'
    const char quote = rest.empty() ? '\0' : rest.front();
    if (quote != '\'' && quote != '"') fail("expected a quoted name; structured element types are not read");
    const std::size_t end = rest.find(quote, 1);
    if (end == std::string_view::npos) fail("a quote is not closed");
    const std::string_view text = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return text;
  }

  std::vector<std::int64_t> shape() {
    expect("(");
    std::vector<std::int64_t> sizes;
    while (!accept(")")) {
      if (sizes.size() == max_rank) fail("more than 64 dimensions");
      skip_spaces();
      std::int64_t size = -1;
      const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
      if (failure != std::errc{} || size < 0) fail("a dimension is not a number");
      rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
      if (rest.starts_with('L')) rest.remove_prefix(1);  // Python 2's long
      sizes.push_back(size);
      if (accept(",")) continue;
      if (sizes.size() == 1) fail("the shape is not a tuple");
      expect(")");
      break;
    }
    if (!element_count(sizes)) fail("the shape has more elements than can be counted");
    return sizes;
  }

  bool boolean() {
    if (accept("True")) return true;
    expect("False");
    return false;
  }
};

NpyDescription parse_literal(Literal literal) {
  NpyDescription description;
  bool seen[3] = {};
  literal.expect("{");
  while (!literal.accept("}")) {
    const std::string_view key = literal.quoted();
    literal.expect(":");
    if (key == "descr" && !seen[0]) {
      seen[0] = true;
      description.descr = literal.quoted();
    } else if (key == "fortran_order" && !seen[1]) {
      seen[1] = true;
      description.fortran_order = literal.boolean();
    } else if (key == "shape" && !seen[2]) {
      seen[2] = true;
      description.shape = literal.shape();
    } else {
      literal.fail("unexpected key '" + std::string(key.substr(0, 40)) + "'");
    }
    if (literal.accept(",")) continue;
    literal.expect("}");
    break;
  }
  literal.skip_spaces();
  if (!literal.rest.empty()) literal.fail("text after the dictionary");
  if (!seen[0] || !seen[1] || !seen[2]) literal.fail("descr, fortran_order or shape is missing");
  return description;
}

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

NpyDescription parse_npy_description(std::span<const std::byte> bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(magic)) throw input_error(name, "byte 0", "not a .npy array", "write it with numpy.save");
  const auto byte_at = [&](std::size_t i) -> std::size_t {
    if (i >= bytes.size()) throw input_error(name, "npy header", "the file ends too early", "copy it again");
    return std::to_integer<std::size_t>(bytes[i]);
  };
  const std::size_t major = byte_at(6);
  if (major < 1 || major > 3 || byte_at(7) != 0) {
    throw input_error(name, "npy header", "unknown version " + std::to_string(major) + "." + std::to_string(byte_at(7)),
                      "versions 1.0 to 3.0 are read");
  }
  const std::size_t begin = major == 1 ? 10 : 12;
  std::size_t length = byte_at(8) | byte_at(9) << 8;
  if (major > 1) length |= byte_at(10) << 16 | byte_at(11) << 24;
  if (begin > text.size() || length > text.size() - begin) {
    throw input_error(name, "npy header", "its " + std::to_string(length) + " bytes do not fit the file",
                      "it is truncated or damaged: copy it again");
  }
  NpyDescription description = parse_literal({text.substr(begin, length), name});
  description.data_offset = begin + length;
  return description;
}

std::optional<NpyType> npy_type(std::string_view descr) {
  struct Name {
    ElementType type;
    std::array<std::string_view, 4> spellings;  // without the mark of the byte order
  };
  // 'l' and 'L' are C's long of 64-bit Linux.
  static constexpr std::array names = {Name{ElementType::f16, {"f2", "e", "float16", "half"}},
                                       Name{ElementType::f32, {"f4", "f", "float32", "single"}},
                                       Name{ElementType::f64, {"f8", "d", "float64", "double"}},
                                       Name{ElementType::f64, {"float", "", "", ""}},
                                       Name{ElementType::boolean, {"b1", "?", "bool", "bool_"}},
                                       Name{ElementType::i8, {"i1", "b", "int8", "byte"}},
                                       Name{ElementType::i16, {"i2", "h", "int16", "short"}},
                                       Name{ElementType::i32, {"i4", "i", "int32", "intc"}},
                                       Name{ElementType::i64, {"i8", "l", "int64", "long"}},
                                       Name{ElementType::i64, {"q", "int", "longlong", "int_"}},
                                       Name{ElementType::u8, {"u1", "B", "uint8", "ubyte"}},
                                       Name{ElementType::u16, {"u2", "H", "uint16", "ushort"}},
                                       Name{ElementType::u32, {"u4", "I", "uint32", "uintc"}},
                                       Name{ElementType::u64, {"u8", "L", "uint64", "ulong"}},
                                       Name{ElementType::u64, {"Q", "uint", "ulonglong", ""}}};
  const char mark = descr.empty() ? '\0' : descr.front();
  if (mark == '<' || mark == '>' || mark == '=' || mark == '|') descr.remove_prefix(1);
  if (descr.empty()) return std::nullopt;
  for (const Name& name : names) {
    if (std::ranges::find(name.spellings, descr) == name.spellings.end()) continue;
    return NpyType{name.type, mark == '>' && element_size(name.type) > 1};
  }
  return std::nullopt;
}

void swap_byte_order(std::span<std::byte> elements, std::size_t size) {
  for (; elements.size() >= size; elements = elements.subspan(size)) std::ranges::reverse(elements.first(size));
}

std::string npy_header(std::string_view descr, std::span<const std::int64_t> shape) {
  std::string sizes;
  for (const std::int64_t size : shape) sizes += (sizes.empty() ? "" : ", ") + std::to_string(size);
  if (shape.size() == 1) sizes += ",";
  std::string text = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  text.resize((10 + text.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 0xff);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& name) {
  NpyDescription description = parse_npy_description(bytes, name);
  const std::optional<NpyType> type = npy_type(description.descr);
  if (!type) {
    throw input_error(name, "npy header", "element type '" + description.descr.substr(0, 40) + "' is not read",
                      "convert it to integers or floats");
  }
  return {type->type, type->big_endian, description.fortran_order, std::move(description.shape),
          description.data_offset};
}

NpyHeader read_npy_header(const ByteSource& source) {
  std::vector<std::byte> start(std::min<std::uint64_t>(source.size(), npy_header_limit));
  source.read(0, start);
  NpyHeader header = parse_npy_header(start, source.name());
  const std::size_t size = element_size(header.type);
  const auto count = static_cast<std::uint64_t>(*element_count(header.shape));
  const std::uint64_t data_bytes = source.size() - header.data_offset;
  if (data_bytes / size < count) {
    throw input_error(source.name(), "npy data",
                      "has only " + std::to_string(data_bytes) + " bytes for " + std::to_string(count) +
                          " elements of " + to_string(header.type),
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
    if (header.big_endian) swap_byte_order(raw, size);
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

NpyRows NpyRows::open(const std::filesystem::path& path) {
  ByteSource source = ByteSource::open(path);
  NpyHeader header = read_npy_header(source);
  if (header.shape.size() != 2 || header.fortran_order) {
    throw input_error(source.name(), "npy header",
                      "has " + std::to_string(header.shape.size()) + (header.shape.size() == 1 ? " axis" : " axes") +
                          (header.fortran_order ? " in Fortran order" : ""),
                      "[examples, cells] in C order is needed");
  }
  return {std::move(source), std::move(header)};
}

void NpyRows::read(std::int64_t first, std::span<std::int32_t> out) const {
  read_npy_elements<std::int32_t>(source_, header_, first * columns(), out);
}

NpyStream::NpyStream(const std::filesystem::path& path, std::span<const std::int64_t> shape)
    : file_(path, AtomicFile::Streams::refused) {
  file_.write(npy_header("<f4", shape));
  data_offset_ = file_.size();
  const auto bytes = static_cast<std::uint64_t>(*element_count(shape)) * sizeof(float);
  file_.require_space(bytes);
  // The last byte fixes the file's length; what lies before it is zero until written.
  if (bytes > 0) file_.overwrite(data_offset_ + bytes - 1, std::as_bytes(std::span("", 1)));
}

void NpyStream::write(std::int64_t first, std::span<const float> values) {
  file_.overwrite(data_offset_ + static_cast<std::uint64_t>(first) * sizeof(float), std::as_bytes(values));
}

void NpyStream::commit() {
  file_.commit();
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
