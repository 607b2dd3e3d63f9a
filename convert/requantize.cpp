#include "convert/requantize.hpp"

#include <algorithm>
#include <system_error>

#include "base/error.hpp"
#include "convert/weight_sources.hpp"
#include "models/model_file.hpp"
#include "models/tensor_list.hpp"

namespace trm {
namespace {

std::string text_of(const gguf::File& file, const char* key) {
  const auto* value = file.find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string() : *text;
}

// A tensor that stays as it is.
gguf::Source copied(const gguf::File& file, const gguf::TensorInfo& tensor) {
  return {tensor, [&file, &tensor](const auto& write) {
            constexpr std::uint64_t piece = std::uint64_t{256} << 10;  // bytes read at once
            ByteWindow window(file.source(), piece);
            for (std::uint64_t done = 0; done < tensor.bytes(); done += piece) {
              write(window.at(file.position(tensor) + done, std::min(piece, tensor.bytes() - done)));
            }
          }};
}

WeightReader reader(const gguf::File& file, const gguf::TensorInfo& tensor) {
  return [&file, &tensor](const auto& visit) { visit(file.values<float>(tensor)); };
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
  std::vector<gguf::Source> sources;
  for (const auto& tensor : file.tensors()) {
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const auto& s) { return s.name == tensor.name; });
    if (spec == specs.end() || spec->role != TensorRole::weight) {
      sources.push_back(copied(file, tensor));
      continue;
    }
    if (tensor.type != gguf::Type::f32) {
      throw input_error(input.string(), "tensor " + tensor.name,
                        std::string("is ") + to_string(tensor.type) + " already", "quantize the float32 model");
    }
    for (auto& source : weight_sources(*spec, type, reader(file, tensor))) sources.push_back(std::move(source));
  }
  write_model_file(output, hyperparameters,
                   {.source_file = text_of(file, "trm.source.file"),
                    .source_sha256 = text_of(file, "trm.source.sha256"),
                    .converter_version = text_of(file, "trm.converter.version")},
                   sources);
  return std::filesystem::file_size(output);
}

}  // namespace trm
