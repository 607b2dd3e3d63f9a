// A state dict in memory becomes the same model as the checkpoint that holds it.

#include <fstream>
#include <iterator>

#include "convert/checkpoint/checkpoint.hpp"
#include "tests/capi/handles.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::capi_test::convert_test {
namespace {

const std::string folder_of_case = std::string(TRM_TEST_DATA) + "/golden/trm_mlp";

// The tensors of a checkpoint, as another program has them in memory.
struct StateDict {
  std::vector<std::string> names;
  std::vector<std::vector<std::int64_t>> shapes;
  std::vector<std::vector<float>> values;
  std::vector<trm_tensor> tensors;

  explicit StateDict(const Checkpoint& checkpoint) {
    for (const CheckpointTensor& tensor : checkpoint.tensors()) {
      std::size_t count = 1;
      for (const auto size : tensor.shape) count *= static_cast<std::size_t>(size);
      names.push_back(tensor.key);
      shapes.push_back(tensor.shape);
      checkpoint.read(tensor, 0, values.emplace_back(count));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      tensors.push_back({names[i].c_str(), "F32", shapes[i].data(), shapes[i].size(), values[i].data()});
    }
  }
};

std::filesystem::path checkpoint_in(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("step_")) return entry.path();
  }
  return {};
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<float> logits_of(const trm_model* model, std::int64_t cells, std::int64_t vocabulary) {
  const auto session = open(model, 1);
  const std::vector<std::int32_t> tokens(static_cast<std::size_t>(cells), 1);
  std::vector<float> logits(static_cast<std::size_t>(cells * vocabulary));
  auto batch = make<trm_batch>();
  batch.samples = 1;
  batch.tokens = tokens.data();
  auto results = make<trm_results>();
  results.logits = logits.data();
  REQUIRE(trm_run(session.get(), &batch, nullptr, &results, nullptr) == TRM_OK);
  return logits;
}

int stop(void* /*context*/, double /*share*/) {
  return 1;
}

}  // namespace

TEST_CASE("A state dict in memory becomes the model of its checkpoint") {
  const TemporaryDirectory folder;
  const auto file = checkpoint_in(folder_of_case);
  auto error = make<trm_error>();
  REQUIRE(trm_convert(file.string().c_str(), (folder / "m.gguf").string().c_str(), nullptr, &error) == TRM_OK);
  const auto expected = load((folder / "m.gguf").string());
  auto info = make<trm_model_info>();
  REQUIRE(trm_model_get_info(expected.get(), &info, nullptr) == TRM_OK);

  const StateDict state(Checkpoint::open(file));
  const std::string config = text_of(std::filesystem::path(folder_of_case) / "all_config.yaml");
  auto options = make<trm_convert_options>();
  options.cells = info.cells;
  void* bytes = nullptr;
  std::size_t length = 0;
  const auto status = trm_convert_tensors(state.tensors.data(), state.tensors.size(), config.c_str(), &options, &bytes,
                                          &length, &error);
  INFO(error.message);
  REQUIRE(status == TRM_OK);
  {
    trm_model* handle = nullptr;
    REQUIRE(trm_model_load_memory(bytes, length, nullptr, nullptr, &handle, &error) == TRM_OK);
    const ModelHandle model(handle);
    CHECK(logits_of(model.get(), info.cells, info.vocabulary) ==
          logits_of(expected.get(), info.cells, info.vocabulary));
  }
  trm_bytes_free(bytes);
}

TEST_CASE("Conversions that cannot be, or are stopped, say so and write nothing") {
  const TemporaryDirectory folder;
  const auto file = checkpoint_in(folder_of_case);
  const std::string output = (folder / "m.gguf").string();
  auto error = make<trm_error>();
  auto options = make<trm_convert_options>();
  options.on_progress = stop;
  CHECK(trm_convert(file.string().c_str(), output.c_str(), &options, &error) == TRM_CANCELLED);
  options = make<trm_convert_options>();
  options.type = "int3";
  CHECK(trm_convert(file.string().c_str(), output.c_str(), &options, &error) == TRM_ERROR_USAGE);
  CHECK(part_of(error, error.place) == "type");
  options = make<trm_convert_options>();
  options.cells = 7;
  CHECK(trm_convert(file.string().c_str(), output.c_str(), &options, &error) == TRM_ERROR_INPUT);
  CHECK_THAT(error.message, Catch::Contains("cells"));
  CHECK(trm_convert("/nowhere", output.c_str(), nullptr, &error) == TRM_ERROR_IO);
  CHECK_FALSE(std::filesystem::exists(output));

  void* bytes = nullptr;
  std::size_t length = 0;
  const float value = 0;
  trm_tensor tensor{"a", "I32", nullptr, 0, &value};
  CHECK(trm_convert_tensors(&tensor, 1, "", nullptr, &bytes, &length, &error) == TRM_ERROR_USAGE);
  tensor.type = "F32";
  CHECK(trm_convert_tensors(&tensor, 1, "arch: {}", nullptr, &bytes, &length, &error) == TRM_ERROR_INPUT);
  const std::int64_t absurd[] = {std::int64_t{1} << 40, std::int64_t{1} << 40};
  tensor.shape = absurd;
  tensor.dimensions = 2;
  CHECK(trm_convert_tensors(&tensor, 1, "arch: {}", nullptr, &bytes, &length, &error) == TRM_ERROR_INPUT);
  CHECK(bytes == nullptr);
}

}  // namespace trm::capi_test::convert_test
