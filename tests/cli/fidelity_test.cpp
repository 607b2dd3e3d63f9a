// trm fidelity: what it says in text and of misuse. Its numbers are checked in tests/python/fidelity.py.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

using namespace trm;

namespace {

const std::string puzzles = std::string(TRM_TEST_DATA) + "/sudoku/test_easy_100.csv";

std::string quantized(const TemporaryDirectory& folder, const std::string& type) {
  const std::string model = (folder / (type + ".gguf")).string();
  REQUIRE(run_program({"quantize", sudoku_model(), "-o", model, "--type", type, "--quiet"}).code == 0);
  return model;
}

}  // namespace

TEST_CASE("a model loses nothing against itself") {
  const Outcome outcome =
      run_program({"fidelity", sudoku_model(), sudoku_model(), puzzles, "--limit", "20", "--json", "--quiet"});
  REQUIRE(outcome.code == 0);
  CHECK(outcome.err.empty());
  const auto report = nlohmann::json::parse(outcome.out);
  REQUIRE(report.at("per_step").size() == 16);
  for (const auto& at : report.at("per_step")) {
    for (const char* measure : {"z_high", "z_low", "logits"}) CHECK(at.at(measure).get<double>() == Approx(1));
    CHECK(at.at("agreement") == 1.0);
  }
  for (const auto& weight : report.at("weights")) CHECK(weight.at("sqnr_db").is_null());
  CHECK(report.at("mcnemar").at("p") == 1.0);
  CHECK(report.at("reference_answers") == report.at("other_answers"));
}

TEST_CASE("the text names weights, steps and answers; threads change no number") {
  const TemporaryDirectory folder;
  const std::string model = quantized(folder, "int8");
  const auto text = [&](const std::string& threads) {
    const Outcome outcome =
        run_program({"fidelity", sudoku_model(), model, puzzles, "--limit", "7", "--steps", "3", "--threads", threads});
    CHECK(outcome.code == 0);
    return outcome.out;
  };
  const std::string one = text("1");
  CHECK(one.find(" dB  L_level.layers.0.mlp.down_proj.weight\n") != std::string::npos);
  CHECK(one.find("\n    3  ") != std::string::npos);
  CHECK(one.find("\nexact, int8   ") != std::string::npos);
  CHECK(one == text("2"));
}

TEST_CASE("misuse is one line") {
  const TemporaryDirectory folder;
  const std::string model = quantized(folder, "f16");
  CHECK(only_error(run_program({"fidelity", model, sudoku_model(), puzzles}), 3).find("give the float32 model first") !=
        std::string::npos);
  only_error(run_program({"fidelity", sudoku_model(), model}), 2);
  only_error(run_program({"fidelity", sudoku_model(), (folder / "missing.gguf").string(), puzzles}), 4);
  const std::string maze = (folder / "maze.gguf").string();
  REQUIRE(run_program({"convert", std::string(TRM_TEST_DATA) + "/maze_model/step_1", "-o", maze, "--quiet"}).code == 0);
  CHECK(only_error(run_program({"fidelity", sudoku_model(), maze, puzzles}), 3).find("of one checkpoint") !=
        std::string::npos);
}
