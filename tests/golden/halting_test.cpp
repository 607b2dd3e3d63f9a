// Halting of a sample whose answer stands still, in every family, against the rule computed from a run of all steps.

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "models/model.hpp"
#include "tests/catch.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::golden_halting_test {
namespace {

// The residuals after each step but the first three: the mean over three changes of the mean over the cells of the
// Euclidean norm of a cell's change. logits [steps][S, V].
std::vector<double> residuals_of(const std::vector<std::vector<float>>& logits, std::size_t vocab_size) {
  std::vector<double> changes, residuals;
  for (std::size_t step = 1; step < logits.size(); ++step) {
    double sum = 0;
    const std::size_t cells = logits[step].size() / vocab_size;
    for (std::size_t cell = 0; cell < cells; ++cell) {
      double squares = 0;
      for (std::size_t i = cell * vocab_size; i < (cell + 1) * vocab_size; ++i) {
        const double change = static_cast<double>(logits[step][i]) - static_cast<double>(logits[step - 1][i]);
        squares += change * change;
      }
      sum += std::sqrt(squares);
    }
    changes.push_back(sum / static_cast<double>(cells));
    if (step < 3) continue;
    residuals.push_back((changes[step - 1] + changes[step - 2] + changes[step - 3]) / 3);
  }
  return residuals;
}

}  // namespace

TEST_CASE("a sample halts after the first step at which its answer stands still") {
  for (const char* name :
       {"trm_att", "singlez", "hier6", "hrm", "transformers_baseline", "urm", "nano_att", "eqr_mlp", "fprm_sudoku"}) {
    INFO(name);
    const TemporaryDirectory directory;
    const GoldenCase golden = read_case(std::filesystem::path(TRM_TEST_DATA) / "golden" / name);
    convert_case(golden, directory / "model.gguf");
    const Model model = Model::load(directory / "model.gguf", kernel_set());
    const Sample sample = golden.sample(0);
    const auto steps_with = [&](RunOptions options) {
      std::vector<std::vector<float>> logits;
      options.steps = 12;
      run(model, {&sample, 1}, options, [&](const StepResult& result) {
        logits.emplace_back(result.logits.begin(), result.logits.end());
        if (result.last) CHECK(result.halted == (result.step < 12));
      });
      return logits;
    };
    const auto all = steps_with({.every_step = true});
    REQUIRE(all.size() == 12);
    const auto residuals = residuals_of(all, static_cast<std::size_t>(model.hyperparameters().vocab_size));
    // A threshold that the residual passes under way, and one that it is below at once.
    for (const double threshold : {residuals[4] * 1.000001, 1e6}) {
      const auto first = static_cast<std::size_t>(
          std::ranges::find_if(residuals, [&](double one) { return one < threshold; }) - residuals.begin());
      const RunOptions options{.halt_residual = static_cast<float>(threshold)};
      const auto last_alone = steps_with(options);
      CHECK(last_alone.size() == 1);
      CHECK(last_alone.front() == all[first + 3]);
      auto every = options;
      every.every_step = true;
      CHECK(steps_with(every).size() == first + 4);
    }
  }
}

TEST_CASE("a residual that no run can halt by is refused by name") {
  const TemporaryDirectory directory;
  const GoldenCase golden = read_case(std::filesystem::path(TRM_TEST_DATA) / "golden" / "trm_att");
  convert_case(golden, directory / "model.gguf");
  const Model model = Model::load(directory / "model.gguf", kernel_set());
  const Sample sample = golden.sample(0);
  for (const float wrong : {-1.0F, std::nanf(""), INFINITY}) {
    CHECK_THROWS_AS(run(model, {&sample, 1}, {.halt_residual = wrong}, [](const StepResult&) {}), Error);
  }
}

}  // namespace trm::golden_halting_test
