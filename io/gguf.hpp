#pragma once
// GGUF v3, the container of a model file: a header of typed key-value pairs, a list of tensors, and the tensors'
// aligned bytes. Everything is little-endian. This header specifies the part of GGUF that model files use;
// models/FORMAT.md says which keys and tensors a model file holds; gguf_writer.hpp writes files.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/byte_source.hpp"

namespace trm::gguf {

inline constexpr std::uint32_t magic = 0x46554747;  // "GGUF"
inline constexpr std::uint32_t version = 3;
inline constexpr std::size_t alignment = 64;  // written as general.alignment

// ggml's numbers for the element types that trm files use.
enum class Type : std::uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,  // blocks of 32 elements (base/q4_block.hpp)
  i8 = 24,
  i16 = 25,
  i32 = 26,
  i64 = 27,
  f64 = 28,
  bf16 = 30
};
// The elements that are stored together, and their bytes. A row (the last axis) consists of whole blocks.
struct Block {
  std::uint64_t elements = 1;
  std::uint64_t bytes = 0;
};
[[nodiscard]] Block block_of(Type type);
[[nodiscard]] const char* to_string(Type type);

// The kinds of metadata value that trm files use. The reader skips other kinds.
using Value = std::variant<std::uint32_t, std::uint64_t, std::int64_t, float, double, bool, std::string,
                           std::vector<std::uint32_t>, std::vector<std::uint64_t>, std::vector<std::string>>;

struct KeyValue {
  std::string key;
  Value value;
};

struct TensorInfo {
  std::string name;
  Type type = Type::f32;
  std::vector<std::int64_t> shape;  // outermost first (the file stores innermost first)
  std::uint64_t offset = 0;         // from the start of the data section, multiple of alignment
  [[nodiscard]] std::uint64_t bytes() const;
};

// A validated file. Every length and offset has been checked against the file's size; tensors are read when asked for,
// from any number of threads.
class File {
 public:
  // Throws Error(io) when it cannot be read, Error(input) when it is not a sound GGUF.
  [[nodiscard]] static File open(const std::filesystem::path& path);
  // The same checks over bytes in memory, which must outlive the file. `name` is for messages.
  [[nodiscard]] static File parse(std::span<const std::byte> bytes, std::string name);

  File(File&&) noexcept;
  File& operator=(File&&) noexcept;
  ~File();

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] std::span<const KeyValue> metadata() const;
  [[nodiscard]] const Value* find(std::string_view key) const;  // nullptr: absent
  [[nodiscard]] std::span<const TensorInfo> tensors() const;
  [[nodiscard]] const TensorInfo* find_tensor(std::string_view name) const;

  // The bytes of the file, which stay where they are when the File is moved, and where among them a tensor begins.
  [[nodiscard]] const ByteSource& source() const;
  [[nodiscard]] std::uint64_t position(const TensorInfo& tensor) const;
  // The elements of a tensor, or its blocks. T is of the size of one of its type.
  template <class T>
  [[nodiscard]] std::vector<T> values(const TensorInfo& tensor) const {
    std::vector<T> values(tensor.bytes() / sizeof(T));
    source().read(position(tensor), std::as_writable_bytes(std::span(values)));
    return values;
  }

 private:
  struct Impl;
  explicit File(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace trm::gguf
