#pragma once
// The values of a weight in the element type of a model file.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "io/gguf.hpp"
#include "models/tensor_list.hpp"

namespace trm {

// "f32", "f16", "int8" -> f32, f16, i8. Throws Error(usage) for anything else.
[[nodiscard]] gguf::Type parse_weight_type(std::string_view name);

// Encodes one tensor, some whole rows at a time, from the first row to the last. Only weights (TensorRole::weight) take
// another type than float32. An int8 weight is accompanied by its scales, one a row.
class WeightEncoder {
 public:
  // `spec` must outlive the encoder.
  WeightEncoder(const TensorSpec& spec, gguf::Type type);

  // What the tensor is called in the list of a file's tensors, and its scales if it has them.
  [[nodiscard]] std::vector<gguf::TensorInfo> tensors() const;
  // The bytes of the next rows; valid until the next call.
  [[nodiscard]] std::span<const std::byte> encode(std::span<const float> rows);
  // The scales of all rows so far; none unless the type is int8.
  [[nodiscard]] std::span<const float> scales() const { return scales_; }

 private:
  const TensorSpec& spec_;
  gguf::Type type_;
  std::vector<std::uint16_t> f16_;
  std::vector<std::int8_t> int8_;
  std::vector<float> scales_;
};

}  // namespace trm
