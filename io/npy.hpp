#pragma once
// NumPy's .npy: one array a file (numpy.lib.format, versions 1.0 to 3.0), C or Fortran order, integers, bools and
// floats of either byte order. From the bytes up: the header as text, the header of arrays that this project reads,
// whole arrays, rows of an array larger than memory, and an array that is written in pieces. As in numpy.load, bytes
// behind the array are ignored: numpy.save may append several arrays to one file.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/atomic_file.hpp"
#include "io/byte_source.hpp"
#include "io/element_type.hpp"

namespace trm {

// Longest start of a file that parse_npy_description looks at, in bytes.
inline constexpr std::size_t npy_header_limit = 65536;

struct NpyDescription {
  std::string descr;  // numpy's name of the element type: "<f4"
  bool fortran_order = false;
  std::vector<std::int64_t> shape;  // has an element_count
  std::size_t data_offset = 0;      // bytes from the start of the file
};

// Throws Error(input) for anything that is not such a header; any element type passes.
[[nodiscard]] NpyDescription parse_npy_description(std::span<const std::byte> bytes, const std::string& name);

struct NpyType {
  ElementType type = ElementType::f32;
  bool big_endian = false;
};
// Every spelling that numpy.dtype takes: "<f4", "|u1", ">u1" (one byte has no order), "u1", "float32", "B". Nothing for
// the types that this project does not read: complex numbers, strings, dates, objects.
[[nodiscard]] std::optional<NpyType> npy_type(std::string_view descr);

// Turns elements of `size` bytes each into the other byte order.
void swap_byte_order(std::span<std::byte> elements, std::size_t size);

// The start of a C-order .npy file: magic, version 1.0, and the dictionary padded
// so that the data begins at a multiple of 64 bytes.
[[nodiscard]] std::string npy_header(std::string_view descr, std::span<const std::int64_t> shape);

struct NpyHeader {
  ElementType type = ElementType::f32;
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::size_t data_offset = 0;  // bytes from the start of the file
};

// `bytes` is the start of the file (the header fits in the first 64 KiB of any
// file this accepts); `name` is for messages. Throws Error(input).
[[nodiscard]] NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& name);

// The header of a file that holds what its shape promises. Throws Error(input) or Error(io).
[[nodiscard]] NpyHeader read_npy_header(const ByteSource& source);

// Elements from `first` on, in the order of the file, converted to T: std::int32_t.
template <class T>
void read_npy_elements(const ByteSource& source, const NpyHeader& header, std::int64_t first, std::span<T> out);

template <class T>
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<T> values;  // C order
};

// Whole arrays, converted to T; an integer that T cannot hold is an error.
// T: std::int32_t, std::int64_t, float. Throws Error(input) or Error(io).
template <class T>
[[nodiscard]] NpyArray<T> read_npy(const std::filesystem::path& path);
template <class T>
[[nodiscard]] NpyArray<T> read_npy(const ByteSource& source);

// Written atomically. T: std::uint8_t, std::int32_t, std::int64_t, float.
template <class T>
void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const T> values);

// Rows of a large integer array [N, columns], read as they are needed.
class NpyRows {
 public:
  // Throws Error(input) unless the file is a C-order integer array of two axes that it holds wholly.
  [[nodiscard]] static NpyRows open(const std::filesystem::path& path);

  [[nodiscard]] std::int64_t rows() const { return header_.shape[0]; }
  [[nodiscard]] std::int64_t columns() const { return header_.shape[1]; }
  // Rows from `first` on, as many as fill `out` [n, columns].
  void read(std::int64_t first, std::span<std::int32_t> out) const;

 private:
  NpyRows(ByteSource source, NpyHeader header) : source_(std::move(source)), header_(std::move(header)) {}

  ByteSource source_;
  NpyHeader header_;
};

// A float32 array that is written in pieces, in any order and from any thread, because it may be larger than memory.
// It appears whole or not at all.
class NpyStream {
 public:
  NpyStream(const std::filesystem::path& path, std::span<const std::int64_t> shape);

  // Values from element `first` on, in C order. What is never written is zero.
  void write(std::int64_t first, std::span<const float> values);
  void commit();  // once, at the end

 private:
  AtomicFile file_;
  std::uint64_t data_offset_ = 0;
};

}  // namespace trm
