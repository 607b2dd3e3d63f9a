#pragma once
// The board of a sudoku: 9x9 unless it says otherwise.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace trm::sudoku {

inline constexpr std::size_t side = 9;  // of the usual board
inline constexpr std::size_t cells = 81;
inline constexpr std::size_t largest_side = 25;

// A board of side x side cells, cut into boxes of box_rows x box_columns cells.
struct Shape {
  std::size_t side = sudoku::side;
  std::size_t box_rows = 3;
  std::size_t box_columns = 3;

  bool operator==(const Shape&) const = default;
  [[nodiscard]] std::size_t cells() const { return side * side; }
  [[nodiscard]] std::size_t box_of(std::size_t cell) const {
    return cell / side / box_rows * box_rows + cell % side / box_columns;
  }
  // The row, the column and the box of a cell, as numbers from 0 to 3 side - 1.
  [[nodiscard]] std::array<std::size_t, 3> units_of(std::size_t cell) const {
    return {cell / side, side + cell % side, 2 * side + box_of(cell)};
  }
  // Cell i of unit u: rows, then columns, then boxes.
  [[nodiscard]] std::size_t member(std::size_t u, std::size_t i) const {
    if (u < side) return u * side + i;
    if (u < 2 * side) return i * side + u - side;
    const std::size_t box = u - 2 * side;
    return (box / box_rows * box_rows + i / box_columns) * side + box % box_rows * box_columns + i % box_columns;
  }
};

// The boards that are known: 4x4, 6x6 (boxes of two rows and three columns), 9x9, 16x16, 25x25.
[[nodiscard]] constexpr std::optional<Shape> shape_of(std::size_t width) {
  constexpr std::array<Shape, 5> known = {Shape{4, 2, 2}, {6, 2, 3}, {9, 3, 3}, {16, 4, 4}, {25, 5, 5}};
  for (const Shape& shape : known) {
    if (shape.side == width) return shape;
  }
  return std::nullopt;
}

// Cells row by row; 0: blank, else a digit from 1 to the board's side.
class Grid {
 public:
  Grid() = default;
  explicit Grid(const Shape& shape) : shape_(shape) {}

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] std::size_t size() const { return shape_.cells(); }
  std::uint8_t& operator[](std::size_t cell) { return digits_[cell]; }
  const std::uint8_t& operator[](std::size_t cell) const { return digits_[cell]; }
  [[nodiscard]] auto begin() { return digits_.begin(); }
  [[nodiscard]] auto begin() const { return digits_.begin(); }
  [[nodiscard]] auto end() { return digits_.begin() + static_cast<std::ptrdiff_t>(size()); }
  [[nodiscard]] auto end() const { return digits_.begin() + static_cast<std::ptrdiff_t>(size()); }

  friend bool operator==(const Grid& a, const Grid& b) {
    return a.shape_ == b.shape_ && std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  Shape shape_{};
  std::array<std::uint8_t, largest_side * largest_side> digits_{};
};

// How a line writes a digit: 1 to 9, then A (10) to P (25); a blank as '.'.
[[nodiscard]] constexpr char symbol(std::uint8_t digit) {
  if (digit == 0) return '.';
  return static_cast<char>(digit < 10 ? '0' + digit : 'A' + digit - 10);
}

}  // namespace trm::sudoku
