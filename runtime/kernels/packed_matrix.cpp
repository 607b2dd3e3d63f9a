#include "runtime/kernels/packed_matrix.hpp"

#include <algorithm>

namespace trm {
namespace {

// The output channel in column `column` of the packed order, or -1 for padding.
std::int64_t channel_of(std::int64_t column, std::int64_t n, std::int64_t vector, PanelOrder order) {
  if (order == PanelOrder::plain) return column < n ? column : -1;
  const std::int64_t panel = column / (2 * vector);
  const std::int64_t lane = column % (2 * vector);
  return lane < vector ? panel * vector + lane : n / 2 + panel * vector + lane - vector;
}

}  // namespace

std::int64_t packed_elements(const KernelSet& kernels, std::int64_t n, std::int64_t k) {
  const std::int64_t vector = kernels.vector_columns;
  return (n + vector - 1) / vector * vector * k;
}

PackedMatrix pack(const KernelSet& kernels, MatrixView<const float> weights, PanelOrder order, Arena& arena) {
  const std::int64_t n = weights.rows;
  const std::int64_t k = weights.cols;
  const std::int64_t vector = kernels.vector_columns;
  auto* out = arena.take<float>(packed_elements(kernels, n, k));
  PackedMatrix packed{.type = WeightType::f32, .n = n, .k = k, .data = reinterpret_cast<std::byte*>(out)};
  if (arena.counting()) return packed;

  constexpr std::int64_t rows_at_once = 64;  // of K: the lines written stay in the first cache
  const std::int64_t panels = (n + 2 * vector - 1) / (2 * vector);
#pragma omp parallel for schedule(static)
  for (std::int64_t panel = 0; panel < panels; ++panel) {
    const std::int64_t first = panel * 2 * vector;
    const std::int64_t width = std::min((n - first + vector - 1) / vector, std::int64_t{2}) * vector;
    float* target = out + first * k;
    for (std::int64_t k0 = 0; k0 < k; k0 += rows_at_once) {
      const std::int64_t k1 = std::min(k, k0 + rows_at_once);
      for (std::int64_t c = 0; c < width; ++c) {
        const std::int64_t channel = channel_of(first + c, n, vector, order);
        if (channel < 0) continue;  // the arena is zeroed
        const float* source = weights.row(channel);
        for (std::int64_t i = k0; i < k1; ++i) target[i * width + c] = source[i];
      }
    }
  }
  return packed;
}

}  // namespace trm
