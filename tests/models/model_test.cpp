// Loading and running a model through the interface for programs that embed the runtime.

#include "models/model.hpp"

#include <fstream>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/models/small_model.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::models_model_test {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The logits of one sample after its last step.
std::vector<float> logits_of(const Model& model, std::int64_t puzzle_id) {
  const std::vector<std::int32_t> inputs = {1, 2};
  const std::vector<Sample> samples = {{.inputs = inputs, .puzzle_id = puzzle_id}};
  std::vector<float> logits;
  run(model, samples, {.steps = 2},
      [&](const StepResult& result) { logits.assign(result.logits.begin(), result.logits.end()); });
  return logits;
}

}  // namespace

TEST_CASE("a model loads from bytes as it does from its file") {
  const TemporaryDirectory folder;
  write_small_model(folder / "m.gguf");
  const std::string text = "x" + contents(folder / "m.gguf");  // the bytes need no alignment
  const auto bytes = std::as_bytes(std::span(text)).subspan(1);
  const Model from_file = Model::load(folder / "m.gguf", kernel_set());
  const Model from_bytes = Model::load(bytes, "the bundled model", kernel_set());
  CHECK(from_bytes.puzzle_rows() == from_file.puzzle_rows());
  CHECK(from_bytes.find_puzzle("7") == 9);
  for (const std::int64_t id : small_ids) CHECK(logits_of(from_bytes, id) == logits_of(from_file, id));

  CHECK_THROWS_WITH(Model::load(bytes.first(bytes.size() / 2), "the bundled model", kernel_set()),
                    Catch::Contains("the bundled model: "));
  CHECK_THROWS_WITH(Model::load({}, "nothing", kernel_set()), Catch::Contains("nothing: the file is empty"));
}

TEST_CASE("argmax takes the first of equal logits, and tokens beyond a byte") {
  std::vector<float> logits(3 * 1000);  // [3, 1000]
  logits[999] = 1;
  logits[1000 + 256] = logits[1000 + 700] = 2;
  logits[2000] = -1;
  std::vector<std::int32_t> tokens(3);
  argmax(logits, 1000, tokens);
  CHECK(tokens == std::vector<std::int32_t>{999, 256, 1});
}

TEST_CASE("a vocabulary of more than 256 tokens runs") {
  const TemporaryDirectory folder;
  auto h = small_hyperparameters();
  h.vocab_size = 300;
  write_small_model(folder / "m.gguf", h);
  const Model model = Model::load(folder / "m.gguf", kernel_set());
  CHECK(logits_of(model, 0).size() == 600);
}

TEST_CASE("a model file that shrinks while its model is in use ends in an error") {
  const TemporaryDirectory folder;
  write_small_model(folder / "m.gguf");
  const std::uintmax_t size = std::filesystem::file_size(folder / "m.gguf");
  const Model model = Model::load(folder / "m.gguf", kernel_set());
  const auto whole = logits_of(model, 5);
  const auto failure = [&] {
    try {
      (void)logits_of(model, 5);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::io);
      CHECK_THAT(error.what(), Catch::Contains("m.gguf") && Catch::Contains("became shorter while it was read"));
      return true;
    }
    return false;
  };
  CHECK_FALSE(failure());
  for (const std::uintmax_t left : {size - 64, size / 2, std::uintmax_t{0}}) {
    std::filesystem::resize_file(folder / "m.gguf", left);
    CHECK(failure());
  }
  CHECK_THROWS_WITH(model.find_puzzle("7"), Catch::Contains("became shorter"));

  // Written again in place, the table is as it was: the weights were read when the model was loaded.
  write_small_model(folder / "again.gguf");
  std::ofstream(folder / "m.gguf", std::ios::binary) << contents(folder / "again.gguf");
  CHECK(logits_of(model, 5) == whole);
}

TEST_CASE("a model file that shrinks in the middle of a run ends the run with an error") {
  const TemporaryDirectory folder;
  write_small_model(folder / "m.gguf");
  const Model model = Model::load(folder / "m.gguf", kernel_set());
  const std::vector<std::int32_t> inputs = {1, 2};
  const std::vector<Sample> samples(9, Sample{.inputs = inputs, .puzzle_id = 2});
  std::size_t finished = 0;
  const auto shrink = [&](const StepResult&) {
    if (++finished == 3) std::filesystem::resize_file(folder / "m.gguf", 100);
  };
  CHECK_THROWS_WITH(run(model, samples, {.steps = 1, .threads = 1}, shrink), Catch::Contains("became shorter"));
  CHECK(finished == 3);
}

TEST_CASE("options that no run can have are refused by name") {
  const TemporaryDirectory folder;
  write_small_model(folder / "m.gguf");
  const Model model = Model::load(folder / "m.gguf", kernel_set());
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<std::string_view, RunOptions>> wrong = {
      {"steps", {.steps = -1}},
      {"threads", {.threads = -5}},
      {"halt_margin", {.halt = true, .halt_margin = static_cast<float>(nan)}},
      {"halt_margin", {.halt = true, .halt_margin = static_cast<float>(infinity)}},
      {"noise", {.noise = nan}},
      {"noise", {.noise = infinity}},
      {"noise", {.noise = -1}}};
  const std::vector<std::int32_t> inputs = {1, 2};
  const std::vector<Sample> samples = {{.inputs = inputs}};
  for (const auto& [setting, options] : wrong) {
    INFO(setting);
    try {
      run(model, samples, options, [](const StepResult&) { FAIL("ran"); });
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      CHECK(error.parts().settings == std::vector<std::string_view>{setting});
    }
  }
}

// Every weight is finite, and so is each product; their sums are not.
TEST_CASE("a model whose numbers overflow says so instead of answering") {
  const TemporaryDirectory folder;
  const auto largest = std::numeric_limits<float>::max();
  for (const std::string name : {"lm_head.weight", "q_head.weight", "L_level.layers.0.mlp.down_proj.weight"}) {
    INFO(name);
    write_small_model(folder / "m.gguf", small_hyperparameters(), {name, largest});
    const Model model = Model::load(folder / "m.gguf", kernel_set());
    try {
      (void)logits_of(model, 0);
      FAIL("no error was thrown");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::work);
      CHECK_THAT(error.what(), Catch::Contains("sample 0, step ") && Catch::Contains("overflow"));
    }
  }
}

// Nobody but a file's writer decides on the type of each weight.
TEST_CASE("weights of a layer may have types of their own") {
  const TemporaryDirectory folder;
  for (const bool mixes_by_mlp : {false, true}) {
    auto h = small_hyperparameters();
    h.mlp_t = mixes_by_mlp;
    for (const auto& weight : tensor_list(h)) {
      if (!is_weight(weight.role)) continue;
      CAPTURE(weight.name);
      write_small_model(folder / "zero.gguf", h, {.name = weight.name});
      write_small_model(folder / "int8.gguf", h, {}, {weight.name});
      const auto expected = logits_of(Model::load(folder / "zero.gguf", kernel_set()), 0);
      const auto logits = logits_of(Model::load(folder / "int8.gguf", kernel_set()), 0);
      REQUIRE(logits.size() == expected.size());
      for (std::size_t i = 0; i < logits.size(); ++i) CHECK(logits[i] == Approx(expected[i]).epsilon(1e-3));
    }
  }
}

TEST_CASE("tensors that are no weights of a layer have float32, any other type is refused by name") {
  const TemporaryDirectory folder;
  auto fprm = small_hyperparameters();
  fprm.family = "fprm";
  fprm.residual_scale = "input-dependent";
  for (const auto& h : {small_hyperparameters(), fprm}) {
    for (const auto& tensor : tensor_list(h)) {
      if (is_weight(tensor.role) || tensor.role == TensorRole::id_table) continue;
      CAPTURE(tensor.name);
      write_small_model(folder / "m.gguf", h, {}, {tensor.name});
      CHECK_THROWS_WITH(Model::load(folder / "m.gguf", kernel_set()),
                        Catch::Contains(tensor.name) && Catch::Contains("has type"));
    }
  }
}

TEST_CASE("a model that was moved from says so") {
  const TemporaryDirectory folder;
  write_small_model(folder / "m.gguf");
  Model model = Model::load(folder / "m.gguf", kernel_set());
  Model other = std::move(model);
  const auto refused = Catch::Contains("was moved away");
  CHECK_THROWS_WITH(model.hyperparameters(), refused);  // NOLINT(bugprone-use-after-move): what is tested
  CHECK_THROWS_WITH(model.kernels(), refused);
  CHECK_THROWS_WITH(model.type(), refused);
  CHECK_THROWS_WITH(model.weight_bytes(), refused);
  CHECK_THROWS_WITH(model.puzzle_rows(), refused);
  CHECK_THROWS_WITH(model.has_puzzle(0), refused);
  CHECK_THROWS_WITH(model.find_puzzle("7"), refused);
  CHECK_THROWS_WITH(logits_of(model, 0), refused);
  model = std::move(other);
  CHECK(model.puzzle_rows() == 4);
}

}  // namespace trm::models_model_test
