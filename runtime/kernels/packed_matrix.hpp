#pragma once
// The right-hand side of a matrix product, laid out for one kernel set.
//
// W[N, K] is cut into panels of `panel_columns` output channels (two vectors);
// a panel's layout is [K][columns], so that the kernel reads it once from front to
// back. The last panel holds one vector where that is enough, and its
// missing channels are zero. int8 has k_group features side by side: [K / 4][columns][4].
// q4_0 has blocks of 32 features: [K / 32][4][columns][4 bytes], a byte as in the file (base/q4_block.hpp), so that the
// lower four bits hold the first 16 features of a block, four side by side, and the upper four bits the others.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/q4_block.hpp"
#include "runtime/arena.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/tensor.hpp"

namespace trm {

enum class WeightType : std::uint8_t { f32, int8, q4_0 };

// How output channels are distributed over panels.
enum class PanelOrder : std::uint8_t {
  plain,    // in their order
  gate_up,  // first vector of a panel: gate channels; second: the up channels of the same indices.
            // N must be a multiple of panel_columns.
};

struct PackedMatrix {
  WeightType type = WeightType::f32;
  std::int64_t n = 0;  // output channels
  std::int64_t k = 0;  // input features
  std::byte* data = nullptr;

  // Not for f32. int8: one for each output channel, in packed order, n rounded up to whole vectors. q4_0: one for each
  // block of each of these channels, a panel's as [K / 32][columns].
  float* scale = nullptr;
  std::int32_t* compensation = nullptr;  // -zero_point * sum of the weights of the channel or block

  // int8 for a kernel set that adds four products in 16 bits (KernelSet::sums_in_int16). A panel begins with its safe
  // pairs of k-groups: those in which no such sum can overflow. Empty: all pairs are safe and in their natural order,
  // which holds for weights of magnitude 64 or less.
  std::vector<std::int32_t> pair_order{};  // [panels, K / k_pair]: the activations' pair that each packed pair meets
  std::vector<std::int32_t> safe_pairs{};  // [panels]: how many pairs are safe

  std::shared_ptr<const Prepared> prepared{};  // by KernelSet::prepare

  // In packed_matrix.cpp: inline, they would be compiled into the files of kernel sets with these sets' instructions,
  // and the linker might take one of those for a processor that lacks them.
  PackedMatrix();
  PackedMatrix(const PackedMatrix& other);
  PackedMatrix(PackedMatrix&& other) noexcept;
  PackedMatrix& operator=(const PackedMatrix& other);
  PackedMatrix& operator=(PackedMatrix&& other) noexcept;
  ~PackedMatrix();

  template <class T>
  [[nodiscard]] T* as() const {
    return reinterpret_cast<T*>(data);
  }
};

// int8 features that lie side by side: what one dot-product instruction adds up.
inline constexpr std::int64_t k_group = 4;
// Features of a pair of k-groups, which some kernels add up in 16 bits.
inline constexpr std::int64_t k_pair = 2 * k_group;
inline constexpr std::int32_t activation_zero_point = 64;

[[nodiscard]] inline std::int64_t round_up(std::int64_t n, std::int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// Where output channel `channel` of a packed [n, k] lies, k a multiple of `group`: its feature i is at
// offset + i / group * stride + i % group.
struct PackedPosition {
  std::int64_t offset;
  std::int64_t stride;
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
  return packed_elements(kernels, n, round_up(k, k_group));
}

[[nodiscard]] inline std::int64_t packed_bytes_q4(const KernelSet& kernels, std::int64_t n, std::int64_t k) {
  return packed_elements(kernels, n, k) / 2;
}

// A float32 matrix [n, k] that is packed already, at `data`.
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

// The same for four-bit weights: blocks [N, K / 32]. Their scales are finite.
[[nodiscard]] PackedMatrix pack_q4(const KernelSet& kernels, MatrixView<const Q4Block> blocks, PanelOrder order,
                                   Arena& arena);

}  // namespace trm
