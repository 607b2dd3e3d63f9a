#include "convert/requantize.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "convert/weight_encoder.hpp"
#include "models/model_file.hpp"
#include "models/tensor_list.hpp"

namespace trm {
namespace {

std::string text_of(const gguf::File& file, const char* key) {
  const auto* value = file.find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string() : *text;
}

// Writes a tensor as it is.
void copy(const gguf::File& file, const gguf::TensorInfo& tensor, ModelFileWriter& writer) {
  constexpr std::uint64_t piece = std::uint64_t{256} << 10;  // bytes read at once
  ByteWindow window(file.source(), piece);
  writer.begin(tensor.name);
  for (std::uint64_t done = 0; done < tensor.bytes(); done += piece) {
    writer.write(window.at(file.position(tensor) + done, std::min(piece, tensor.bytes() - done)));
  }
}

// The specification of a weight that changes its type; null for a tensor that stays as it is.
const TensorSpec* find_weight(std::span<const TensorSpec> specs, const gguf::TensorInfo& tensor) {
  const auto found = std::ranges::find(specs, tensor.name, &TensorSpec::name);
  return found == specs.end() || !is_weight(found->role) ? nullptr : &*found;
}

void check_request(const gguf::File& file, std::span<const TensorSpec> specs, gguf::Type type) {
  if (type != gguf::Type::f16 && type != gguf::Type::i8 && type != gguf::Type::q4_0) {
    throw Error(ErrorKind::usage, {.file = {},
                                   .place = gguf::to_string(type),
                                   .what = "is no type in fewer bits than float32",
                                   .remedy = "f16, int8 and q4_0 are",
                                   .settings = {"type"}});
  }
  for (const auto& tensor : file.tensors()) {
    if (tensor.type == gguf::Type::f32 || find_weight(specs, tensor) == nullptr) continue;
    throw input_error(file.name(), "tensor " + tensor.name,
                      std::string("is ") + gguf::to_string(tensor.type) + " already; its float32 values are gone",
                      "give the float32 model, or convert the checkpoint to the type that you want", {"type"});
  }
}

}  // namespace

std::uint64_t requantize(const std::filesystem::path& input, const std::filesystem::path& output, gguf::Type type) {
  std::error_code failure;
  if (std::filesystem::equivalent(input, output, failure)) {
    throw Error(ErrorKind::usage, output.string() + ": is the model itself; give the new one another name");
  }
  const auto file = gguf::File::open(input);
  const auto hyperparameters = read_hyperparameters(file);
  verify_whole(file);
  const auto specs = tensor_list(hyperparameters);
  check_request(file, specs, type);

  std::vector<gguf::TensorInfo> list;
  for (const auto& tensor : file.tensors()) {
    const TensorSpec* weight = find_weight(specs, tensor);
    const auto written = weight == nullptr ? std::vector{tensor} : WeightEncoder(*weight, type).tensors();
    list.insert(list.end(), written.begin(), written.end());
  }
  ModelFileWriter writer(output, hyperparameters,
                         {.source_file = text_of(file, "trm.source.file"),
                          .source_sha256 = text_of(file, "trm.source.sha256"),
                          .converter_version = text_of(file, "trm.converter.version")},
                         std::move(list));
  for (const auto& tensor : file.tensors()) {
    const TensorSpec* weight = find_weight(specs, tensor);
    if (weight == nullptr) {
      copy(file, tensor, writer);
      continue;
    }
    WeightEncoder encoder(*weight, type);
    writer.write_tensor(tensor.name, encoder.encode(file.values<float>(tensor)));
    if (!encoder.scales().empty()) writer.write_tensor(tensor.name + int8_scale_suffix, encoder.scales());
  }
  writer.finish();
  return std::filesystem::file_size(output);
}

}  // namespace trm
