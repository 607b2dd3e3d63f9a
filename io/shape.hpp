#pragma once
// A tensor's shape, and its strides in its storage. Everything is counted in elements, not in bytes.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trm {

// Product of the dimensions, 1 for a scalar. Nothing: a negative dimension, or more than an int64 counts.
[[nodiscard]] std::optional<std::int64_t> element_count(std::span<const std::int64_t> shape);

// Strides of a dense array: the last axis fastest (C), or the first (Fortran).
// The shape has an element_count.
[[nodiscard]] std::vector<std::int64_t> dense_strides(std::span<const std::int64_t> shape, bool fortran_order = false);

// How many elements of a storage a view reaches: one past its last element, 0
// for an empty one. Nothing: negative parts, ranks that differ, or an overflow.
[[nodiscard]] std::optional<std::int64_t> view_end(std::span<const std::int64_t> shape,
                                                   std::span<const std::int64_t> stride, std::int64_t offset);

// A shape as messages show it: "[97, 512]".
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);

}  // namespace trm
