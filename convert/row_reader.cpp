#include "convert/row_reader.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.hpp"
#include "io/shape.hpp"

namespace trm {

RowReader::RowReader(const Checkpoint& checkpoint, const CheckpointTensor& tensor)
    : checkpoint_(checkpoint), tensor_(tensor) {
  constexpr std::int64_t elements_at_once = 1 << 16;
  cols_ = tensor.shape.empty() ? 1 : std::max<std::int64_t>(tensor.shape.back(), 1);
  rows_ = element_count(tensor.shape).value_or(0) / cols_;
  rows_at_once_ = std::max<std::int64_t>(elements_at_once / cols_, 1);
  buffer_.resize(static_cast<std::size_t>(std::min(rows_, rows_at_once_) * cols_));
}

std::span<const float> RowReader::read(std::int64_t first, std::int64_t count) {
  const auto values = std::span(buffer_).first(static_cast<std::size_t>(count * cols_));
  checkpoint_.read(tensor_, first * cols_, values);
  const auto odd = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
  if (odd != values.end()) {
    throw input_error(checkpoint_.name(), "tensor " + tensor_.key,
                      "element " + std::to_string(first * cols_ + (odd - values.begin())) + " is " +
                          std::to_string(*odd) + " as float32",
                      "a model with such a weight computes nothing; use another checkpoint");
  }
  return values;
}

}  // namespace trm
