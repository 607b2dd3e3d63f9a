// trm bench: what it says adds up; how fast anything is, is not asserted.

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_bench_test {

using Catch::Contains;
using nlohmann::json;

namespace {

json bench(const std::string& what, const std::string& model, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"bench", what, model, "--seconds", "0.05", "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = run_program({arguments});
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  return json::parse(outcome.out);
}

double of_phase(const json& report, const std::string& phase, const char* what) {
  for (const json& at : report.at("phases")) {
    if (at.at("phase") == phase) return at.at(what);
  }
  return 0;
}
double calls_of(const json& report, const std::string& phase) {
  return of_phase(report, phase, "calls");
}

}  // namespace

// The bundled model: 2 cycles of 2 + 1 passes through 2 layers with a token MLP; 82 tokens are two blocks of rows,
// 96 channels two of columns.
TEST_CASE("phases name every kernel of a step, as often as the model calls it, and the rest makes up the step") {
  const json report = bench("phases", sudoku_model());
  constexpr double passes = 2 * (2 + 1), layers = passes * 2, blocks = layers * 2;
  for (const char* product : {"token gate_up", "token down", "gate_up", "down"}) {
    CHECK(calls_of(report, product) == blocks);
  }
  CHECK(calls_of(report, "rms_norm") == 2 * blocks);
  CHECK(calls_of(report, "transpose") == 2 * blocks);
  CHECK(calls_of(report, "add injections") == passes * 2);
  CHECK(calls_of(report, "lm_head") == 0.25);  // after the last of four steps
  CHECK(calls_of(report, "attention products") == 0);
  constexpr double tokens = 82, channels = 96, units = 256, up = tokens * channels * 2 * units;
  CHECK(of_phase(report, "token gate_up", "macs") == layers * up);
  CHECK(of_phase(report, "gate_up", "macs") == layers * up);
  CHECK(of_phase(report, "down", "macs") == layers * up / 2);
  CHECK(of_phase(report, "rms_norm", "macs") == 0);
  CHECK(report.at("macs") == Approx(layers * 3 * up + of_phase(report, "lm_head", "macs")));
  double sum = report.at("rest_s");
  for (const json& at : report.at("phases")) sum += at.at("seconds").get<double>();
  CHECK(sum == Approx(report.at("step_s").get<double>()));
}

TEST_CASE("phases know a quantized model's and an attention model's kernels") {
  const TemporaryDirectory folder;
  for (const std::string type : {"int8", "q4_0"}) {
    const std::string quantized = (folder / type).string();
    REQUIRE(run_program({"quantize", sudoku_model(), "-o", quantized, "--type", type, "--quiet"}).code == 0);
    CHECK(calls_of(bench("phases", quantized), "quantize") == 4 * 24);  // before each product
    CHECK(bench("matmul", quantized).at("type") == type);
  }
  const std::string attention = (folder / "attention.gguf").string();
  const std::string checkpoint = std::string(TRM_TEST_DATA) + "/maze_model/step_1";
  REQUIRE(run_program({"convert", checkpoint, "-o", attention, "--quiet"}).code == 0);
  const json report = bench("phases", attention);
  for (const char* phase : {"qkv", "o", "softmax", "attention products"}) CHECK(calls_of(report, phase) > 0);
}

// That no kernel is forgotten is a matter of the compiler (kernel_ledger.cpp).
TEST_CASE("phases name the kernels that only some families call") {
  const TemporaryDirectory folder;
  const std::string golden = std::string(TRM_TEST_DATA) + "/golden/";
  const std::vector<std::pair<std::string, std::vector<const char*>>> families{
      {"eqr_mlp/eqr.pth", {"blend"}},
      {"fprm_maze/step_4344", {"weighted_sum", "relative_change", "blend"}},
      {"mamba2_hybrid/step_12", {"convolve", "mamba dt_and_decay", "mamba scan", "mamba gated_rms_norm"}},
      {"nano_conv/model.ckpt", {"weighted_swiglu"}},
      {"urm/step_1311.pt", {"convolve"}}};
  for (const auto& [checkpoint, kernels] : families) {
    const std::string model = (folder / "model.gguf").string();
    REQUIRE(run_program({"convert", golden + checkpoint, "-o", model, "--force", "--quiet"}).code == 0);
    const json report = bench("phases", model);
    for (const char* kernel : kernels) {
      INFO(checkpoint << ", " << kernel);
      CHECK(calls_of(report, kernel) > 0);
    }
  }
}

TEST_CASE("scaling has a row for each number of threads") {
  const json report = bench("scaling", sudoku_model(), {"--threads", "3", "--batch", "2"});
  REQUIRE(report.at("per_threads").size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(report.at("per_threads")[i].at("threads") == i + 1);
  CHECK(report.at("per_threads")[0].at("speed_up") == 1.0);
}

TEST_CASE("memory counts what the model's sizes say") {
  const json report = bench("memory", sudoku_model(), {"--threads", "1"});
  CHECK(report.at("file_bytes") == std::filesystem::file_size(sudoku_model()));
  CHECK(report.at("puzzle_embeddings_bytes") == 96 * 4);
  CHECK(report.at("input_embedding_bytes") == 82 * 96 * 4);
  CHECK(report.at("latents_bytes") == 2 * 82 * 96 * 4);
  CHECK(report.at("logits_bytes") == 81 * 11 * 4);
  // 275,906 parameters less the id's row, in float32; rows are padded.
  CHECK(report.at("weights_bytes") >= (275906 - 96) * 4);
  CHECK(report.at("weights_bytes") < 275906 * 4 * 1.1);
  CHECK(report.at("peak_rss_bytes") >= report.at("peak_rss_loaded_bytes"));
}

TEST_CASE("an int8 model's scratch has no room for the scores of float32 attention") {
  const TemporaryDirectory folder;
  const std::string checkpoint = std::string(TRM_TEST_DATA) + "/arc_model/step_1";
  const auto scratch_of = [&](const char* type) -> double {
    const std::string model = (folder / type).string();
    REQUIRE(run_program({"convert", checkpoint, "-o", model, "--type", type, "--quiet"}).code == 0);
    return bench("memory", model).at("scratch_bytes");
  };
  constexpr double scores = 56 * 901 * 4;  // of a block of tokens with all tokens
  CHECK(scratch_of("f32") > scores);
  CHECK(scratch_of("int8") < scores);
  CHECK(scratch_of("q4_0") < scores);
}

TEST_CASE("a model without puzzle embeddings has no step to measure, and bench says what helps") {
  const TemporaryDirectory folder;
  const std::string model = (folder / "m.gguf").string();
  const std::string checkpoint = std::string(TRM_TEST_DATA) + "/arc_model/step_1";
  REQUIRE(run_program({"convert", checkpoint, "-o", model, "--ids", "none"}).code == 0);
  for (const std::string what : {"step", "phases", "scaling", "memory"}) {
    const Outcome outcome = run_program({"bench", what, model, "--seconds", "0.05"});
    CAPTURE(what, outcome.out);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, Contains("no puzzle embedding") && Contains("--ids"));
  }
}

TEST_CASE("an unknown benchmark is wrong usage") {
  only_error(run_program({"bench", "everything", sudoku_model()}), 2);
}

}  // namespace trm::cli_bench_test
