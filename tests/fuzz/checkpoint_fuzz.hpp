#pragma once
// Opens bytes as a checkpoint and reads the start and the end of its first tensors.

#include <algorithm>
#include <array>

#include "convert/checkpoint/checkpoint.hpp"
#include "io/shape.hpp"

namespace trm {

inline void open_and_read(std::span<const std::byte> bytes) {
  const Checkpoint checkpoint = Checkpoint::view(bytes, "fuzz");
  const auto tensors = checkpoint.tensors();
  for (const CheckpointTensor& tensor : tensors.first(std::min<std::size_t>(tensors.size(), 4))) {
    std::array<float, 64> values{};
    const std::int64_t count = element_count(tensor.shape).value();
    const auto part = std::span(values).first(static_cast<std::size_t>(std::min<std::int64_t>(count, 64)));
    checkpoint.read(tensor, 0, part);
    checkpoint.read(tensor, count - static_cast<std::int64_t>(part.size()), part);
  }
}

}  // namespace trm
