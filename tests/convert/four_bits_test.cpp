// Models in four bits: which weights become blocks, what the blocks hold, and files whose blocks no model can have.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/half.hpp"
#include "base/q4_block.hpp"
#include "convert/dequantize.hpp"
#include "convert/requantize.hpp"
#include "models/model.hpp"
#include "quant/measures.hpp"
#include "tests/catch.hpp"
#include "tests/models/small_model.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::convert_four_bits_test {
namespace {

namespace fs = std::filesystem;

Hyperparameters wide_hyperparameters() {
  Hyperparameters h = small_hyperparameters();
  h.hidden_size = 32;
  return h;
}

void write_four_bits(const TemporaryDirectory& folder, const Hyperparameters& h) {
  write_small_model(folder / "f32.gguf", h);
  requantize(folder / "f32.gguf", folder / "q4.gguf", gguf::Type::q4_0);
}

gguf::Type type_in(const gguf::File& file, const std::string& name) {
  const auto* tensor = file.find_tensor(name);
  REQUIRE(tensor != nullptr);
  return tensor->type;
}

// A copy of a model file, with sound checksums, in which one block of a tensor has another scale.
void write_with_scale(const fs::path& from, const fs::path& to, const std::string& name, std::size_t block,
                      std::uint16_t scale) {
  const auto file = gguf::File::open(from);
  ModelFileWriter writer(to, read_hyperparameters(file), {}, {file.tensors().begin(), file.tensors().end()});
  for (const auto& tensor : file.tensors()) {
    auto bytes = file.values<std::byte>(tensor);
    if (tensor.name == name) {
      const auto halves = std::as_bytes(std::span(&scale, 1));
      std::ranges::copy(halves, bytes.begin() + static_cast<std::ptrdiff_t>(block * sizeof(Q4Block)));
    }
    writer.write_tensor(tensor.name, std::span(std::as_const(bytes)));
  }
  writer.finish();
}

std::vector<float> logits_of(const fs::path& path, std::string_view kernels) {
  const Model model = Model::load(path, kernel_set(kernels));
  const std::vector<std::int32_t> inputs = {1, 2};
  const std::vector<Sample> samples = {{.inputs = inputs, .puzzle_id = 0}};
  std::vector<float> logits;
  run(model, samples, {.steps = 2},
      [&](const StepResult& result) { logits.assign(result.logits.begin(), result.logits.end()); });
  return logits;
}

TEST_CASE("weights of attention and the channel MLP take four bits, everything else keeps its type") {
  const TemporaryDirectory folder;
  write_four_bits(folder, wide_hyperparameters());
  const auto file = gguf::File::open(folder / "q4.gguf");
  verify_whole(file);
  for (const auto& spec : tensor_list(wide_hyperparameters())) {
    if (spec.role == TensorRole::id_table) continue;
    CAPTURE(spec.name);
    const bool four = spec.role == TensorRole::weight;
    CHECK(type_in(file, spec.name) == (four ? gguf::Type::q4_0 : gguf::Type::f32));
    if (four)
      CHECK(file.find_tensor(spec.name)->bytes() * 32 ==
            18 * static_cast<std::uint64_t>(spec.shape[0] * spec.shape[1]));
    const auto before = dequantized(gguf::File::open(folder / "f32.gguf"), spec.name);
    const auto after = dequantized(file, spec.name);
    CHECK(sqnr_db(before, after) > (four ? 15 : 1000));
  }
  const Model model = Model::load(folder / "q4.gguf", kernel_set());
  CHECK(model.type() == "q4_0");
}

TEST_CASE("weights that mix tokens and weights whose rows are no whole blocks stay in eight bits") {
  const TemporaryDirectory folder;
  auto h = wide_hyperparameters();
  h.mlp_t = true;
  write_four_bits(folder, h);
  const auto mixing = gguf::File::open(folder / "q4.gguf");
  CHECK(type_in(mixing, "L_level.layers.0.mlp_t.gate_up_proj.weight") == gguf::Type::i8);
  CHECK(type_in(mixing, "L_level.layers.0.mlp_t.down_proj.weight") == gguf::Type::i8);
  CHECK(type_in(mixing, "L_level.layers.0.mlp_t.down_proj.weight.scale") == gguf::Type::f32);
  CHECK(type_in(mixing, "L_level.layers.0.mlp.gate_up_proj.weight") == gguf::Type::q4_0);
  CHECK(Model::load(folder / "q4.gguf", kernel_set()).type() == "q4_0");

  const TemporaryDirectory other;
  write_four_bits(other, small_hyperparameters());  // of hidden size 2
  const auto narrow = gguf::File::open(other / "q4.gguf");
  verify_whole(narrow);
  CHECK(type_in(narrow, "L_level.layers.0.self_attn.qkv_proj.weight") == gguf::Type::i8);
  CHECK(type_in(narrow, "L_level.layers.0.mlp.down_proj.weight") == gguf::Type::q4_0);
  CHECK(logits_of(other / "q4.gguf", "").size() == 6);
}

TEST_CASE("a four-bit model computes what its weights in float32 compute, on every kernel set") {
  const TemporaryDirectory folder;
  for (const bool mlp_t : {false, true}) {
    auto h = wide_hyperparameters();
    h.mlp_t = mlp_t;
    write_four_bits(folder, h);
    const auto reference = logits_of(folder / "q4.gguf", "portable");
    for (const KernelSet* kernels : available_kernel_sets()) {
      CAPTURE(kernels->name, mlp_t);
      const auto logits = logits_of(folder / "q4.gguf", kernels->name);
      CHECK(sqnr_db(reference, logits) > 60);  // float rounding alone
    }
    CHECK(sqnr_db(logits_of(folder / "f32.gguf", ""), reference) > 5);
  }
}

TEST_CASE("a four-bit model is not quantized again") {
  const TemporaryDirectory folder;
  write_four_bits(folder, wide_hyperparameters());
  for (const auto type : {gguf::Type::q4_0, gguf::Type::i8, gguf::Type::f16}) {
    CHECK_THROWS_WITH(requantize(folder / "q4.gguf", folder / "again.gguf", type),
                      Catch::Contains("is q4_0 already; its float32 values are gone"));
  }
  CHECK_FALSE(fs::exists(folder / "again.gguf"));
}

TEST_CASE("a block whose scale is no number is refused by tensor and block when the model is loaded") {
  const TemporaryDirectory folder;
  write_four_bits(folder, wide_hyperparameters());
  const std::string name = "L_level.layers.0.mlp.down_proj.weight";  // [32, 256]: 8 blocks a row
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    for (const std::size_t block : {std::size_t{0}, std::size_t{100}, std::size_t{255}}) {
      CAPTURE(bad, block);
      write_with_scale(folder / "q4.gguf", folder / "bad.gguf", name, block, float_to_half(bad));
      CHECK_THROWS_WITH(Model::load(folder / "bad.gguf", kernel_set()),
                        Catch::Contains("tensor " + name) &&
                            Catch::Contains("the scale of block " + std::to_string(block) + " is not finite"));
    }
  }
  write_with_scale(folder / "q4.gguf", folder / "sound.gguf", name, 255, float_to_half(-65504.0F));
  CHECK_NOTHROW(Model::load(folder / "sound.gguf", kernel_set()));
}

}  // namespace
}  // namespace trm::convert_four_bits_test
