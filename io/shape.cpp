#include "io/shape.hpp"

#include <algorithm>

namespace trm {

std::optional<std::int64_t> element_count(std::span<const std::int64_t> shape) {
  if (std::ranges::any_of(shape, [](std::int64_t size) { return size < 0; })) return std::nullopt;
  if (std::ranges::count(shape, 0) > 0) return 0;
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (__builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  return count;
}

std::vector<std::int64_t> dense_strides(std::span<const std::int64_t> shape, bool fortran_order) {
  std::vector<std::int64_t> stride(shape.size(), 0);
  if (element_count(shape).value_or(0) == 0) return stride;  // nothing is ever read through them
  std::int64_t next = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t axis = fortran_order ? i : shape.size() - 1 - i;
    stride[axis] = next;
    next *= shape[axis];
  }
  return stride;
}

std::optional<std::int64_t> view_end(std::span<const std::int64_t> shape, std::span<const std::int64_t> stride,
                                     std::int64_t offset) {
  const std::optional<std::int64_t> count = element_count(shape);
  if (!count || shape.size() != stride.size() || offset < 0) return std::nullopt;
  if (*count == 0) return 0;
  std::int64_t last = offset;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    std::int64_t reach = 0;
    if (stride[axis] < 0 || __builtin_mul_overflow(shape[axis] - 1, stride[axis], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return std::nullopt;
    }
  }
  std::int64_t end = 0;
  if (__builtin_add_overflow(last, 1, &end)) return std::nullopt;
  return end;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace trm
