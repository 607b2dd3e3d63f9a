#pragma once
// The values of a weight in the element type of a model file.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/q4_block.hpp"
#include "io/gguf.hpp"
#include "models/tensor_list.hpp"

namespace trm {

// "f32", "f16", "int8", "q4_0" -> f32, f16, i8, q4_0. Throws Error(usage) for anything else.
[[nodiscard]] gguf::Type parse_weight_type(std::string_view name);

// The type of a tensor in a file of the type `wanted`. Only weights take another type than float32. A weight for which
// four bits are too few, or whose rows are no whole blocks, takes eight.
[[nodiscard]] gguf::Type type_within(const TensorSpec& spec, gguf::Type wanted);

// Encodes one tensor, some whole rows at a time, from the first row to the last. An int8 weight is accompanied by its
// scales, one a row.
class WeightEncoder {
 public:
  // `spec` must outlive the encoder. `wanted` is the type of the file.
  WeightEncoder(const TensorSpec& spec, gguf::Type wanted);

  // What the tensor is called in the list of a file's tensors, and its scales if it has them.
  [[nodiscard]] std::vector<gguf::TensorInfo> tensors() const;
  // The bytes of the next rows; valid until the next call.
  [[nodiscard]] std::span<const std::byte> encode(std::span<const float> rows);
  // The scales of all rows so far; none unless the tensor is int8.
  [[nodiscard]] std::span<const float> scales() const { return scales_; }

 private:
  const TensorSpec& spec_;
  gguf::Type type_;
  std::vector<std::uint16_t> f16_;
  std::vector<std::int8_t> int8_;
  std::vector<Q4Block> blocks_;
  std::vector<float> scales_;
};

}  // namespace trm
