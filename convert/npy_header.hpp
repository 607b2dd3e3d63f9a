#pragma once
// The header of a .npy array: magic, version, and a Python dictionary literal
// with exactly the keys descr, fortran_order and shape (numpy.lib.format).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convert/element_type.hpp"

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

// Nothing for the types that this project does not read: big-endian, complex, strings, objects.
[[nodiscard]] std::optional<ElementType> npy_element_type(std::string_view descr);

// The start of a C-order .npy file: magic, version 1.0, and the dictionary padded
// so that the data begins at a multiple of 64 bytes.
[[nodiscard]] std::string npy_header(std::string_view descr, std::span<const std::int64_t> shape);

}  // namespace trm
