// The models that ship: together small enough, and as good on a few puzzles as their cards say.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_bundled_test {

using nlohmann::json;

namespace {

const std::string folder = std::string(TRM_SOURCE_DIR) + "/models/bundled/";

// How many of the first `limit` puzzles the model gets right.
int right(const std::string& model, const std::string& data, int limit) {
  const Outcome outcome = run_program({"eval", folder + model, std::string(TRM_TEST_DATA) + data, "--limit",
                                       std::to_string(limit), "--json", "--quiet"});
  REQUIRE(outcome.code == 0);
  return json::parse(outcome.out).at("exact_count");
}

}  // namespace

TEST_CASE("the bundled model files have at most 6 MB together") {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".gguf") bytes += entry.file_size();
  }
  CHECK(bytes > 0);
  CHECK(bytes <= 6'000'000);
}

// Counts of the kernel set avx512_vnni; another rounds its floats otherwise, which may turn a puzzle.
TEST_CASE("the bundled models are as good on a few puzzles as they were") {
  CHECK(right("maze_int8.gguf", "/maze/trees_100.csv", 25) >= 24);                    // 25
  CHECK(right("maze_int8.gguf", "/maze/loops_40.csv", 25) >= 22);                     // 23
  CHECK(right("sudoku_attention_int8.gguf", "/sudoku/test_hard_100.csv", 25) >= 21);  // 23
  CHECK(right("sudoku_mlp_int8.gguf", "/sudoku/test_hard_100.csv", 25) >= 23);        // 25
}

// tests/reference/model.py solves these of the 23 test inputs in float32, from the checkpoint, plain view, four steps.
TEST_CASE("the small ARC model solves the test inputs that PyTorch solves") {
  const std::set<std::string> by_pytorch = {"007bbfb7 0", "27a28665 1", "27a28665 2", "62c24649 0"};
  const TemporaryDirectory output;
  const std::string submission = (output / "submission.json").string();
  const Outcome outcome = run_program({"arc", folder + "arc_int8.gguf", "--challenges", folder + "arc_challenges.json",
                                       "-o", submission, "--samples", "1", "--steps", "4", "--quiet"});
  REQUIRE(outcome.code == 0);
  const json answers = json::parse(read_file(submission)),
             truth = json::parse(read_file(folder + "arc_solutions.json"));
  std::set<std::string> solved;
  for (const auto& [task, grids] : truth.items()) {
    for (std::size_t i = 0; i < grids.size(); ++i) {
      if (answers.at(task).at(i).at("attempt_1") == grids[i]) solved.insert(task + " " + std::to_string(i));
    }
  }
  CHECK(truth.size() == 19);
  CHECK(solved == by_pytorch);  // in int8 with every x86 kernel set
}

}  // namespace trm::cli_bundled_test
