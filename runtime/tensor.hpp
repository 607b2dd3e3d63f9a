#pragma once
// Views of row-major matrices. They own nothing.

#include <cstdint>

namespace trm {

template <class T>
struct MatrixView {
  T* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t stride = 0;  // elements from one row to the next, >= cols

  MatrixView() = default;
  MatrixView(T* data_, std::int64_t rows_, std::int64_t cols_) : MatrixView(data_, rows_, cols_, cols_) {}
  MatrixView(T* data_, std::int64_t rows_, std::int64_t cols_, std::int64_t stride_)
      : data(data_), rows(rows_), cols(cols_), stride(stride_) {}

  [[nodiscard]] T* row(std::int64_t r) const { return data + r * stride; }
  // Rows [first, first + count).
  [[nodiscard]] MatrixView block(std::int64_t first, std::int64_t count) const {
    return {row(first), count, cols, stride};
  }
  // Columns [first, first + count).
  [[nodiscard]] MatrixView columns(std::int64_t first, std::int64_t count) const {
    return {data + first, rows, count, stride};
  }
};

template <class T>
[[nodiscard]] MatrixView<const T> as_const(MatrixView<T> m) {
  return {m.data, m.rows, m.cols, m.stride};
}

}  // namespace trm
