#pragma once
// A torch.save file as large as the public ARC checkpoints, written as a stream.

#include <cstdint>
#include <filesystem>

#include "models/hyperparameters.hpp"

namespace trm {

// Element `col` of row `row` of the id table. The first names its row.
[[nodiscard]] inline float large_value(std::int64_t row, std::int64_t col) {
  return col == 0 ? static_cast<float>(row) : static_cast<float>(row % 4096) + static_cast<float>(col) / 512;
}

// Every tensor of the model as float32; the weights are 1, the id table large_value().
// Stored records, key prefix "_orig_mod.model.inner.".
void write_large_checkpoint(const std::filesystem::path& path, const Hyperparameters& hyperparameters);

}  // namespace trm
