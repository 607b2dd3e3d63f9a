#pragma once
// The right-hand side of a matrix product, laid out for one kernel set.
//
// W[N, K] is cut into panels of `panel_columns` output channels (two vectors);
// within a panel the order is [K][columns], so that the kernel reads it once from
// front to back. The last panel holds one vector where that is enough, and its
// missing channels are zero.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/tensor.hpp"

namespace trm {

enum class WeightType : std::uint8_t { f32, f16, int8 };

// How output channels are dealt to panels.
enum class PanelOrder : std::uint8_t {
  plain,    // as they come
  gate_up,  // first vector of a panel: gate channels; second: the up channels of the same indices.
            // N must be a multiple of panel_columns.
};

struct PackedMatrix {
  WeightType type = WeightType::f32;
  std::int64_t n = 0;  // output channels
  std::int64_t k = 0;  // input features
  std::byte* data = nullptr;

  template <class T>
  [[nodiscard]] T* as() const {
    return reinterpret_cast<T*>(data);
  }
};

// Where output channel `channel` of a packed [n, k] lies: its feature i is at offset + i * step.
struct PackedPosition {
  std::int64_t offset;
  std::int64_t step;
};
[[nodiscard]] inline PackedPosition packed_position(std::int64_t vector, std::int64_t n, std::int64_t k,
                                                    std::int64_t channel) {
  const std::int64_t first = channel / (2 * vector) * (2 * vector);  // of the panel
  return {first * k + channel - first, first + vector < n ? 2 * vector : vector};
}

// Elements that a packed [n, k] takes: n rounded up to whole vectors.
[[nodiscard]] std::int64_t packed_elements(const KernelSet& kernels, std::int64_t n, std::int64_t k);

// Packs float32 weights [N, K]. While the arena counts, only sizes are found and `weights` is not read.
[[nodiscard]] PackedMatrix pack(const KernelSet& kernels, MatrixView<const float> weights, PanelOrder order,
                                Arena& arena);

}  // namespace trm
