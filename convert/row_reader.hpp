#pragma once
// The rows of a checkpoint's tensor as float32, some at a time.

#include <cstdint>
#include <span>
#include <vector>

#include "convert/checkpoint/checkpoint.hpp"

namespace trm {

// A row is what the last axis holds; a vector is one row, a scalar a row of one element.
class RowReader {
 public:
  // Both must outlive the reader.
  RowReader(const Checkpoint& checkpoint, const CheckpointTensor& tensor);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t rows_at_once() const { return rows_at_once_; }  // as many as 256 KB hold, at least one

  // Rows [first, first + count) in C order, count <= rows_at_once(); valid until the next call. Throws Error(input) at
  // a value that is not finite: a model with such a weight computes nothing.
  [[nodiscard]] std::span<const float> read(std::int64_t first, std::int64_t count);

 private:
  const Checkpoint& checkpoint_;
  const CheckpointTensor& tensor_;
  std::int64_t rows_ = 0;
  std::int64_t cols_ = 0;
  std::int64_t rows_at_once_ = 0;
  std::vector<float> buffer_;
};

}  // namespace trm
