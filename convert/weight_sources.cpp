#include "convert/weight_sources.hpp"

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "quant/quantize.hpp"

namespace trm {
namespace {

using Write = std::function<void(std::span<const std::byte>)>;

gguf::Source plain(const TensorSpec& spec, const WeightReader& read) {
  return {{.name = spec.name, .type = gguf::Type::f32, .shape = spec.shape},
          [read](const Write& write) { read([&](std::span<const float> piece) { write(std::as_bytes(piece)); }); }};
}

gguf::Source half(const TensorSpec& spec, const WeightReader& read) {
  return {{.name = spec.name, .type = gguf::Type::f16, .shape = spec.shape},
          [read, name = spec.name](const Write& write) {
            std::vector<std::uint16_t> halves;
            read([&](std::span<const float> piece) {
              halves.resize(piece.size());
              quantize_f16(piece, halves.data(), name.c_str());
              write(std::as_bytes(std::span(halves)));
            });
          }};
}

// Quantizes piece by piece and hands on either the weights or their scales.
gguf::Source quantized(gguf::TensorInfo tensor, const WeightReader& read, std::int64_t cols, bool scales) {
  return {std::move(tensor), [read, cols, scales](const Write& write) {
            std::vector<std::int8_t> q;
            std::vector<float> scale;
            read([&](std::span<const float> piece) {
              const auto rows = static_cast<std::int64_t>(piece.size()) / cols;
              q.resize(piece.size());
              scale.resize(static_cast<std::size_t>(rows));
              quantize_int8({piece.data(), rows, cols}, q.data(), scale.data());
              write(scales ? std::as_bytes(std::span(scale)) : std::as_bytes(std::span(q)));
            });
          }};
}

}  // namespace

gguf::Type parse_weight_type(std::string_view name) {
  if (name == "f32") return gguf::Type::f32;
  if (name == "f16") return gguf::Type::f16;
  if (name == "int8") return gguf::Type::i8;
  throw Error(ErrorKind::usage, {.file = {},
                                 .place = std::string(name),
                                 .what = "unknown weight type",
                                 .remedy = "known are f32, f16 and int8",
                                 .settings = {"type"}});
}

std::vector<gguf::Source> weight_sources(const TensorSpec& spec, gguf::Type type, WeightReader read) {
  if (spec.role != TensorRole::weight || type == gguf::Type::f32) return {plain(spec, read)};
  if (type == gguf::Type::f16) return {half(spec, read)};
  const std::int64_t cols = spec.shape.back();
  std::vector<gguf::Source> sources;
  sources.push_back(quantized({.name = spec.name, .type = gguf::Type::i8, .shape = spec.shape}, read, cols, false));
  sources.push_back(
      quantized({.name = spec.name + int8_scale_suffix, .type = gguf::Type::f32, .shape = {spec.shape.front()}}, read,
                cols, true));
  return sources;
}

}  // namespace trm
