#include "quant/measures.hpp"

#include <cmath>

namespace trm {

double sqnr_db(std::span<const float> reference, std::span<const float> other) {
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double r = reference[i];
    const double difference = other[i] - r;
    signal += r * r;
    noise += difference * difference;
  }
  return noise == 0 ? INFINITY : 10 * std::log10(signal / noise);
}

void Cosine::add(std::span<const float> a, std::span<const float> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b[i];
    product += x * y;
    first_squared += x * x;
    second_squared += y * y;
  }
}

void Cosine::add(const Cosine& piece) {
  product += piece.product;
  first_squared += piece.first_squared;
  second_squared += piece.second_squared;
}

double Cosine::value() const {
  if (first_squared == 0 && second_squared == 0) return 1;
  if (first_squared == 0 || second_squared == 0) return 0;
  return product / std::sqrt(first_squared) / std::sqrt(second_squared);
}

double mean_cosine(MatrixView<const float> reference, MatrixView<const float> other) {
  double sum = 0;
  const auto width = static_cast<std::size_t>(reference.cols);
  for (std::int64_t r = 0; r < reference.rows; ++r) {
    Cosine row;
    row.add({reference.row(r), width}, {other.row(r), width});
    sum += row.value();
  }
  return sum / static_cast<double>(reference.rows);
}

std::size_t agreeing(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] == b[i] ? 1 : 0;
  return count;
}

}  // namespace trm
