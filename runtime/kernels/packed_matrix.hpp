#pragma once
// The right-hand side of a matrix product, laid out for one kernel set.
//
// W[N, K] is cut into panels of `panel_columns` output channels (two vectors);
// within a panel the order is [K][columns], so that the kernel reads it once from
// front to back. The last panel holds one vector where that is enough, and its
// missing channels are zero. int8 has four features side by side: [K / 4][columns][4].

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/arena.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/tensor.hpp"

namespace trm {

enum class WeightType : std::uint8_t { f32, int8 };

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

  // int8 only, in packed order, n rounded up to whole vectors:
  float* scale = nullptr;         // of each output channel
  std::int32_t* start = nullptr;  // where its sum starts: -zero_point * sum of its weights

  // int8 for a kernel set that adds four products in 16 bits: the panel's steps of eight features are
  // in an order of their own, first those in which no such sum can leave 16 bits. Empty: all steps are
  // safe, and in their natural order (which needs magnitudes of at most 64).
  std::vector<std::int32_t> step_order{};  // [panels, K / 8]: which step of the activations
  std::vector<std::int32_t> safe_steps{};  // [panels]: how many may be summed so

  std::shared_ptr<const Prepared> prepared{};  // by KernelSet::prepare

  template <class T>
  [[nodiscard]] T* as() const {
    return reinterpret_cast<T*>(data);
  }
};

inline constexpr std::int64_t features_together = 4;  // of int8
inline constexpr std::int64_t step_features = 2 * features_together;
inline constexpr std::int32_t activation_zero_point = 64;

[[nodiscard]] inline std::int64_t round_up(std::int64_t n, std::int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// Where output channel `channel` of a packed [n, k] lies, k a multiple of `group`: its feature i is
// at offset + i / group * step + i % group.
struct PackedPosition {
  std::int64_t offset;
  std::int64_t step;
};
[[nodiscard]] inline PackedPosition packed_position(std::int64_t vector, std::int64_t n, std::int64_t k,
                                                    std::int64_t channel, std::int64_t group = 1) {
  const std::int64_t first = channel / (2 * vector) * (2 * vector);  // of the panel
  return {first * k + (channel - first) * group, (first + vector < n ? 2 * vector : vector) * group};
}

// Elements that a packed [n, k] takes: n rounded up to whole vectors, and for int8 k to whole fours.
[[nodiscard]] inline std::int64_t packed_elements(const KernelSet& kernels, std::int64_t n, std::int64_t k) {
  return round_up(n, kernels.vector_columns) * k;
}
[[nodiscard]] inline std::int64_t packed_bytes_int8(const KernelSet& kernels, std::int64_t n, std::int64_t k) {
  return packed_elements(kernels, n, round_up(k, features_together));
}

// The [n, k] that lies packed at `data` already, in float32.
[[nodiscard]] inline PackedMatrix packed_f32(float* data, std::int64_t n, std::int64_t k) {
  PackedMatrix packed;
  packed.n = n;
  packed.k = k;
  packed.data = reinterpret_cast<std::byte*>(data);
  return packed;
}

// Packs float32 weights [N, K]. While the arena counts, only sizes are found and `weights` is not read.
[[nodiscard]] PackedMatrix pack(const KernelSet& kernels, MatrixView<const float> weights, PanelOrder order,
                                Arena& arena);

// The same for half-precision weights (IEEE binary16 bits), which become float32 here: converting them in the
// kernel instead, a panel's vectors for every tile, made it 8 % slower on Zen 4 with AVX-512 and no faster anywhere.
[[nodiscard]] PackedMatrix pack_f16(const KernelSet& kernels, MatrixView<const std::uint16_t> weights, PanelOrder order,
                                    Arena& arena);

// The same for int8 weights in [-127, 127] with a scale [N] an output channel.
[[nodiscard]] PackedMatrix pack_int8(const KernelSet& kernels, MatrixView<const std::int8_t> weights,
                                     const float* scale, PanelOrder order, Arena& arena);

}  // namespace trm
