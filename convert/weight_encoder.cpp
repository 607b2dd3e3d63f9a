#include "convert/weight_encoder.hpp"

#include <string>

#include "base/error.hpp"
#include "quant/quantize.hpp"

namespace trm {

gguf::Type parse_weight_type(std::string_view name) {
  if (name == "f32") return gguf::Type::f32;
  if (name == "f16") return gguf::Type::f16;
  if (name == "int8") return gguf::Type::i8;
  if (name == "q4_0") return gguf::Type::q4_0;
  throw Error(ErrorKind::usage, {.file = {},
                                 .place = std::string(name),
                                 .what = "unknown weight type",
                                 .remedy = "known are f32, f16, int8 and q4_0",
                                 .settings = {"type"}});
}

gguf::Type type_within(const TensorSpec& spec, gguf::Type wanted) {
  if (!is_weight(spec.role)) return gguf::Type::f32;
  const bool four_bits = spec.role == TensorRole::weight && spec.shape.back() % q4_block_weights == 0;
  return wanted == gguf::Type::q4_0 && !four_bits ? gguf::Type::i8 : wanted;
}

WeightEncoder::WeightEncoder(const TensorSpec& spec, gguf::Type wanted)
    : spec_(spec), type_(type_within(spec, wanted)) {}

std::vector<gguf::TensorInfo> WeightEncoder::tensors() const {
  std::vector<gguf::TensorInfo> list = {{.name = spec_.name, .type = type_, .shape = spec_.shape}};
  if (type_ == gguf::Type::i8) {
    list.push_back({.name = spec_.name + int8_scale_suffix, .type = gguf::Type::f32, .shape = {spec_.shape.front()}});
  }
  return list;
}

std::span<const std::byte> WeightEncoder::encode(std::span<const float> rows) {
  if (type_ == gguf::Type::f16) {
    f16_.resize(rows.size());
    quantize_f16(rows, f16_.data(), spec_.name.c_str());
    return std::as_bytes(std::span(f16_));
  }
  const std::int64_t cols = spec_.shape.back();
  if (type_ == gguf::Type::q4_0) {
    blocks_.resize(rows.size() / q4_block_weights);
    quantize_q4({rows.data(), static_cast<std::int64_t>(rows.size()) / cols, cols}, blocks_.data(), spec_.name.c_str());
    return std::as_bytes(std::span(blocks_));
  }
  if (type_ == gguf::Type::i8) {
    const std::int64_t count = static_cast<std::int64_t>(rows.size()) / cols;
    int8_.resize(rows.size());
    scales_.resize(scales_.size() + static_cast<std::size_t>(count));
    quantize_int8({rows.data(), count, cols}, int8_.data(), scales_.data() + scales_.size() - count);
    return std::as_bytes(std::span(int8_));
  }
  return std::as_bytes(rows);
}

}  // namespace trm
