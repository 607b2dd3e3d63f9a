#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

#include "base/error.hpp"
#include "base/q4_block.hpp"
#include "io/gguf.hpp"

namespace trm::gguf {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is little-endian and read as it lies");

// The kinds of metadata values; the file stores their numbers.
enum class Kind : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64 };

std::size_t fixed_size(Kind kind) {  // bytes; 0: not of fixed size
  constexpr std::size_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return sizes[static_cast<std::size_t>(kind)];
}

// Reads on from a position, never past the end.
class Cursor {
 public:
  explicit Cursor(const ByteSource& source) : source_(source), window_(source) {}

  [[nodiscard]] std::uint64_t position() const { return at_; }

  [[noreturn]] void fail(const std::string& what) const {
    throw input_error(source_.name(), "byte " + std::to_string(at_), what,
                      "the file is damaged; convert or download it again");
  }

  void skip(std::uint64_t count, const std::string& what) {
    if (count > left()) fail("the file ends inside " + what);
    at_ += count;
  }

  // Until the next call.
  std::span<const std::byte> take(std::uint64_t count, const std::string& what) {
    skip(count, what);
    return window_.at(at_ - count, count);
  }

  template <class T>
  T number(const std::string& what) {
    T value;
    std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
    return value;
  }

  std::string text(const std::string& what) {
    const auto length = number<std::uint64_t>(what);
    const auto bytes = take(length, what);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  // A count of items that take at least `least` bytes each; refused where the rest of the file cannot hold so many.
  std::uint64_t count(std::size_t least, const std::string& what) {
    const auto n = number<std::uint64_t>(what);
    if (n > left() / least) fail(what + " is " + std::to_string(n) + ", more than the file can hold");
    return n;
  }

  Kind kind(const std::string& what) {
    const auto number_of_kind = number<std::uint32_t>(what);
    if (number_of_kind > static_cast<std::uint32_t>(Kind::f64)) {
      fail(what + " has unknown type " + std::to_string(number_of_kind));
    }
    return static_cast<Kind>(number_of_kind);
  }

 private:
  [[nodiscard]] std::uint64_t left() const { return source_.size() - at_; }

  const ByteSource& source_;
  ByteWindow window_;
  std::uint64_t at_ = 0;
};

template <class T>
std::vector<T> read_numbers(Cursor& cursor, std::uint64_t count, const std::string& what) {
  std::vector<T> values(count);
  const auto bytes = cursor.take(count * sizeof(T), what);
  if (count > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::optional<Value> read_array(Cursor& cursor, const std::string& what) {
  const Kind kind = cursor.kind(what);
  if (kind == Kind::array) cursor.fail(what + " is an array of arrays, which no trm file has");
  if (kind == Kind::string) {
    std::vector<std::string> texts;
    for (auto n = cursor.count(sizeof(std::uint64_t), what); n > 0; --n) texts.push_back(cursor.text(what));
    return texts;
  }
  const auto count = cursor.count(fixed_size(kind), what);
  if (kind == Kind::u32) return read_numbers<std::uint32_t>(cursor, count, what);
  if (kind == Kind::u64) return read_numbers<std::uint64_t>(cursor, count, what);
  cursor.skip(count * fixed_size(kind), what);
  return std::nullopt;
}

// Nothing for a kind of value that trm files do not use: it is skipped.
std::optional<Value> read_value(Cursor& cursor, const std::string& what) {
  const Kind kind = cursor.kind(what);
  switch (kind) {
    case Kind::u32:
      return cursor.number<std::uint32_t>(what);
    case Kind::u64:
      return cursor.number<std::uint64_t>(what);
    case Kind::i64:
      return cursor.number<std::int64_t>(what);
    case Kind::f32:
      return cursor.number<float>(what);
    case Kind::f64:
      return cursor.number<double>(what);
    case Kind::boolean: {
      const auto value = cursor.number<std::uint8_t>(what);
      if (value > 1) cursor.fail(what + " is neither true nor false");
      return value == 1;
    }
    case Kind::string:
      return cursor.text(what);
    case Kind::array:
      return read_array(cursor, what);
    default:
      cursor.skip(fixed_size(kind), what);
      return std::nullopt;
  }
}

bool known(Type type) {
  switch (type) {
    case Type::f32:
    case Type::f16:
    case Type::q4_0:
    case Type::i8:
    case Type::i16:
    case Type::i32:
    case Type::i64:
    case Type::f64:
    case Type::bf16:
      return true;
  }
  return false;
}

TensorInfo read_tensor_info(Cursor& cursor, std::uint64_t file_size) {
  TensorInfo tensor;
  tensor.name = cursor.text("a tensor's name");
  const std::string what = "tensor " + tensor.name;
  const auto dimensions = cursor.number<std::uint32_t>(what);
  if (dimensions < 1 || dimensions > 4)
    cursor.fail(what + " has " + std::to_string(dimensions) + " dimensions, not 1 to 4");
  tensor.shape.resize(dimensions);
  const std::uint64_t most = 2 * file_size;  // no type has less than four bits an element
  std::uint64_t elements = 1;
  for (std::size_t i = dimensions; i-- > 0;) {  // stored innermost first
    const auto size = cursor.number<std::uint64_t>(what);
    if (size == 0 || size > most / elements) cursor.fail(what + " has a shape that the file cannot hold");
    elements *= size;
    tensor.shape[i] = static_cast<std::int64_t>(size);
  }
  tensor.type = static_cast<Type>(cursor.number<std::uint32_t>(what));
  if (!known(tensor.type)) {
    cursor.fail(what + " has element type " + std::to_string(static_cast<std::uint32_t>(tensor.type)) +
                ", which trm files do not use");
  }
  const auto block = static_cast<std::int64_t>(block_of(tensor.type).elements);
  if (tensor.shape.back() % block != 0) {
    cursor.fail(what + " has rows of " + std::to_string(tensor.shape.back()) +
                " elements, which are no whole blocks of " + std::to_string(block));
  }
  tensor.offset = cursor.number<std::uint64_t>(what);
  return tensor;
}

// Every tensor, padding included, lies in the data section.
void check_extents(const Cursor& cursor, std::span<const TensorInfo> tensors, std::uint64_t data_size,
                   std::uint64_t alignment_of_file) {
  for (const auto& tensor : tensors) {
    if (tensor.offset % alignment_of_file != 0) cursor.fail("tensor " + tensor.name + " is not aligned");
    const std::uint64_t padded = (tensor.bytes() + alignment_of_file - 1) / alignment_of_file * alignment_of_file;
    if (tensor.offset > data_size || padded > data_size - tensor.offset) {
      cursor.fail("the file ends inside tensor " + tensor.name);
    }
  }
}

// Positions in order of name; fails on a name that occurs twice.
template <class T, class Name>
std::vector<std::size_t> sorted_by_name(const Cursor& cursor, const std::vector<T>& items, Name name) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return name(items[a]) < name(items[b]); });
  const auto twin =
      std::adjacent_find(order.begin(), order.end(), [&](auto a, auto b) { return name(items[a]) == name(items[b]); });
  if (twin != order.end()) cursor.fail(std::string(name(items[*twin])) + " occurs twice");
  return order;
}

}  // namespace

struct File::Impl {
  ByteSource source;
  std::uint64_t data_start = 0;  // where the section of the tensors' bytes begins
  std::vector<KeyValue> metadata;
  std::vector<TensorInfo> tensors;
  std::vector<std::size_t> by_name;  // indices into tensors

  explicit Impl(ByteSource bytes) : source(std::move(bytes)) { parse(); }
  void parse();
};

void File::Impl::parse() {
  Cursor cursor(source);
  if (source.size() < sizeof magic || cursor.number<std::uint32_t>("the magic number") != magic) {
    throw input_error(source.name(), "", source.size() == 0 ? "the file is empty" : "not a GGUF file",
                      "give a converted model file");
  }
  const auto file_version = cursor.number<std::uint32_t>("the version");
  if (file_version != version) cursor.fail("GGUF version " + std::to_string(file_version) + " instead of 3");
  const auto tensor_count = cursor.count(32, "the number of tensors");  // name 8, dimensions 4 + 8, type 4, offset 8
  const auto metadata_count = cursor.count(13, "the number of metadata keys");  // key 8, type 4, value 1

  for (std::uint64_t i = 0; i < metadata_count; ++i) {
    std::string key = cursor.text("a metadata key");
    auto value = read_value(cursor, key);
    if (value) metadata.push_back({std::move(key), std::move(*value)});
  }
  sorted_by_name(cursor, metadata, [](const KeyValue& pair) { return std::string_view(pair.key); });

  std::uint64_t alignment_of_file = 32;  // GGUF's default
  const auto given =
      std::find_if(metadata.begin(), metadata.end(), [](const auto& pair) { return pair.key == "general.alignment"; });
  if (given != metadata.end()) {
    const auto* number = std::get_if<std::uint32_t>(&given->value);
    if (number == nullptr || !std::has_single_bit(*number) || *number < 8)
      cursor.fail("general.alignment is no power of two from 8");
    alignment_of_file = *number;
  }

  for (std::uint64_t i = 0; i < tensor_count; ++i) tensors.push_back(read_tensor_info(cursor, source.size()));
  by_name = sorted_by_name(cursor, tensors, [](const TensorInfo& tensor) { return std::string_view(tensor.name); });

  data_start = (cursor.position() + alignment_of_file - 1) / alignment_of_file * alignment_of_file;
  if (data_start > source.size()) cursor.fail("the file ends before its data");
  check_extents(cursor, tensors, source.size() - data_start, alignment_of_file);
}

Block block_of(Type type) {
  switch (type) {
    case Type::i8:
      return {.bytes = 1};
    case Type::f16:
    case Type::bf16:
    case Type::i16:
      return {.bytes = 2};
    case Type::f32:
    case Type::i32:
      return {.bytes = 4};
    case Type::i64:
    case Type::f64:
      return {.bytes = 8};
    case Type::q4_0:
      return {.elements = q4_block_weights, .bytes = sizeof(Q4Block)};
  }
  throw Error(ErrorKind::work, "element size of an unknown type");
}

const char* to_string(Type type) {
  switch (type) {
    case Type::f32:
      return "f32";
    case Type::f16:
      return "f16";
    case Type::q4_0:
      return "q4_0";
    case Type::i8:
      return "i8";
    case Type::i16:
      return "i16";
    case Type::i32:
      return "i32";
    case Type::i64:
      return "i64";
    case Type::f64:
      return "f64";
    case Type::bf16:
      return "bf16";
  }
  return "unknown";
}

std::uint64_t TensorInfo::bytes() const {
  const Block block = block_of(type);
  std::uint64_t count = 1;
  for (const auto size : shape) count *= static_cast<std::uint64_t>(size);
  return count / block.elements * block.bytes;
}

File::File(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

File File::open(const std::filesystem::path& path) {
  return File(std::make_unique<Impl>(ByteSource::open(path)));
}

File File::parse(std::span<const std::byte> bytes, std::string name) {
  return File(std::make_unique<Impl>(ByteSource::view(bytes, std::move(name))));
}

const std::string& File::name() const {
  return impl_->source.name();
}
std::span<const KeyValue> File::metadata() const {
  return impl_->metadata;
}
std::span<const TensorInfo> File::tensors() const {
  return impl_->tensors;
}

const Value* File::find(std::string_view key) const {
  const auto found =
      std::find_if(impl_->metadata.begin(), impl_->metadata.end(), [&](const auto& pair) { return pair.key == key; });
  return found == impl_->metadata.end() ? nullptr : &found->value;
}

const TensorInfo* File::find_tensor(std::string_view name) const {
  const auto& tensors = impl_->tensors;
  const auto found = std::lower_bound(impl_->by_name.begin(), impl_->by_name.end(), name,
                                      [&](std::size_t i, std::string_view wanted) { return tensors[i].name < wanted; });
  return found == impl_->by_name.end() || tensors[*found].name != name ? nullptr : &tensors[*found];
}

const ByteSource& File::source() const {
  return impl_->source;
}

std::uint64_t File::position(const TensorInfo& tensor) const {
  return impl_->data_start + tensor.offset;
}

}  // namespace trm::gguf
