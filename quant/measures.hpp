#pragma once
// How far quantized numbers differ from the float32 numbers they stand for.

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/tensor.hpp"

namespace trm {

// Signal to quantization noise: 10 log10(sum of reference^2 / sum of (other - reference)^2), in decibels.
// Infinity where nothing differs; minus infinity where the reference is zero and the other is not.
[[nodiscard]] double sqnr_db(std::span<const float> reference, std::span<const float> other);

// The cosine of two vectors that come in pieces. 1 where both are zero, 0 where only one is.
struct Cosine {
  double product = 0;         // sum of a b
  double first_squared = 0;   // sum of a^2
  double second_squared = 0;  // sum of b^2
  void add(std::span<const float> a, std::span<const float> b);
  void add(const Cosine& piece);
  [[nodiscard]] double value() const;
};

// Carry fidelity: the mean, over the rows (tokens) of a latent [T, D], of the cosine of the two rows.
[[nodiscard]] double mean_cosine(MatrixView<const float> reference, MatrixView<const float> other);

// The number of cells in which two predictions are equal.
[[nodiscard]] std::size_t agreeing(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

}  // namespace trm
