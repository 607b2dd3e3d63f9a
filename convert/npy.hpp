#pragma once
// NumPy's .npy: one array a file (numpy.lib.format, versions 1.0 to 3.0), C or
// Fortran order, little-endian integers, bools and floats.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "convert/byte_source.hpp"
#include "convert/element_type.hpp"

namespace trm {

struct NpyHeader {
  ElementType type = ElementType::f32;
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

}  // namespace trm
