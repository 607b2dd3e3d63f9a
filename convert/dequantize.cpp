#include "convert/dequantize.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/half.hpp"
#include "models/model_file.hpp"
#include "models/tensor_list.hpp"
#include "quant/quantize.hpp"

namespace trm {
namespace {

const gguf::TensorInfo& find(const gguf::File& file, const std::string& name) {
  const auto* tensor = file.find_tensor(name);
  if (tensor == nullptr) {
    throw input_error(file.name(), "tensor " + name, "missing", "convert the checkpoint again");
  }
  verify(file, *tensor);
  return *tensor;
}

std::vector<float> from_int8(const gguf::File& file, const gguf::TensorInfo& tensor) {
  const auto& scale = find(file, tensor.name + int8_scale_suffix);
  const std::int64_t rows = tensor.shape.front();
  if (scale.type != gguf::Type::f32 || scale.shape != std::vector{rows}) {
    throw input_error(file.name(), "tensor " + scale.name, "is not a float32 vector of " + std::to_string(rows),
                      "quantize the model again");
  }
  const auto q = file.values<std::int8_t>(tensor);
  std::vector<float> values(q.size());
  dequantize_int8({q.data(), rows, static_cast<std::int64_t>(q.size()) / rows}, file.values<float>(scale).data(),
                  values.data());
  return values;
}

}  // namespace

std::vector<float> dequantized(const gguf::File& file, const std::string& name) {
  const auto& tensor = find(file, name);
  if (tensor.type == gguf::Type::f32) return file.values<float>(tensor);
  if (tensor.type == gguf::Type::f16) {
    const auto half = file.values<std::uint16_t>(tensor);
    std::vector<float> values(half.size());
    std::ranges::transform(half, values.begin(), half_to_float);
    return values;
  }
  if (tensor.type == gguf::Type::i8) return from_int8(file, tensor);
  if (tensor.type == gguf::Type::q4_0) {
    const auto blocks = file.values<Q4Block>(tensor);
    std::vector<float> values(blocks.size() * q4_block_weights);
    dequantize_q4(blocks, values.data());
    return values;
  }
  throw input_error(file.name(), "tensor " + name, std::string("has type ") + to_string(tensor.type),
                    "weights are float32, float16, int8 or q4_0");
}

}  // namespace trm
