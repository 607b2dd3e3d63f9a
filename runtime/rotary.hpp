#pragma once
// Rotary position embedding: cosine and sine of every position's angles.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/tensor.hpp"

namespace trm {

struct RotaryTable {
  MatrixView<const float> cos{};  // [T, head_dim / 2]; no data: no rotary positions
  MatrixView<const float> sin{};
};

// The angle of position t and pair i is t / theta^(2i / head_dim), computed in float32 as the training code does
// (TinyRecursiveModels, models/layers.py): at t = 915 the rounding of the angle to float32 is larger than the tolerance
// of the tests.
[[nodiscard]] RotaryTable rotary_table(std::int64_t tokens, std::int64_t head_dim, double theta, Arena& arena);

}  // namespace trm
