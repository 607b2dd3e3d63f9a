#pragma once
// A packed matrix whose panels, scales and compensation each end at an unreadable page.

#include <algorithm>
#include <cstddef>

#include "runtime/kernels/packed_matrix.hpp"
#include "tests/runtime/edge_matrix.hpp"

namespace trm {

class EdgePacked {
 public:
  // pack(arena) returns the packed matrix.
  template <class Pack>
  EdgePacked(const KernelSet& kernels, Pack&& pack)
      : packed_(),  // NOLINT(readability-redundant-member-init): else clang takes it for uninitialised below
        arena_(Arena::sized([&](Arena& arena) { packed_ = pack(arena); })),
        data_(1, bytes_of(kernels, packed_)),
        scale_(1, scales_of(kernels, packed_)),
        compensation_(1, scales_of(kernels, packed_)) {
    const auto move_to = [](const auto* from, const auto& edge) { std::copy_n(from, edge.view().cols, edge.data()); };
    move_to(packed_.data, data_);
    packed_.data = data_.data();
    if (packed_.type == WeightType::f32) return;
    move_to(packed_.scale, scale_);
    move_to(packed_.compensation, compensation_);
    packed_.scale = scale_.data();
    packed_.compensation = compensation_.data();
  }

  [[nodiscard]] const PackedMatrix& operator*() const { return packed_; }

 private:
  static std::int64_t bytes_of(const KernelSet& kernels, const PackedMatrix& packed) {
    if (packed.type == WeightType::int8) return packed_bytes_int8(kernels, packed.n, packed.k);
    if (packed.type == WeightType::q4_0) return packed_bytes_q4(kernels, packed.n, packed.k);
    return packed_elements(kernels, packed.n, packed.k) * static_cast<std::int64_t>(sizeof(float));
  }

  static std::int64_t scales_of(const KernelSet& kernels, const PackedMatrix& packed) {
    const std::int64_t columns = round_up(packed.n, kernels.vector_columns);
    return packed.type == WeightType::q4_0 ? columns * (packed.k / q4_block_weights) : columns;
  }

  PackedMatrix packed_;
  Arena arena_;
  EdgeMatrix<std::byte> data_;
  EdgeMatrix<float> scale_;
  EdgeMatrix<std::int32_t> compensation_;
};

}  // namespace trm
