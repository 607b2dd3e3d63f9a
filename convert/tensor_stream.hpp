#pragma once
// Elements of a checkpoint's tensor in pieces, as float32.

#include <cstdint>
#include <functional>
#include <span>

#include "convert/checkpoint/checkpoint.hpp"

namespace trm {

// Elements [first, first + count) in C order, in pieces of whole multiples of `unit`
// elements (a row) and of a quarter of a MB or one unit. Throws Error(input) at a value
// that is not finite, naming it: such a model computes nothing.
void for_each_piece(const Checkpoint& checkpoint, const CheckpointTensor& tensor, std::int64_t first,
                    std::int64_t count, std::int64_t unit,
                    const std::function<void(std::span<const float> piece)>& visit);

}  // namespace trm
