// trm run: its arrays against a golden case, halting, and failures.

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_run_test {

using Path = std::filesystem::path;
using Shape = std::vector<std::int64_t>;

namespace {

const Path golden = Path(TRM_TEST_DATA) / "golden" / "trm_att";

// The golden case as a model file, and a place for results.
struct Case {
  TemporaryDirectory folder;
  std::string model = (folder / "model.gguf").string();
  Path out = folder / "out";

  Case() { REQUIRE(run_program({"convert", (golden / "step_1001").string(), "-o", model, "--quiet"}).code == 0); }

  [[nodiscard]] Outcome run(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"run",
                                       model,
                                       "--inputs",
                                       (golden / "inputs.npy").string(),
                                       "--puzzle-identifiers",
                                       (golden / "puzzle_identifiers.npy").string(),
                                       "--out",
                                       out.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(double{a[i]} - double{b[i]}));
  return most;
}

// All steps of the case are within the loosest step's tolerance.
double tolerance() {
  const auto noise = nlohmann::json::parse(read_file(golden / "case.json")).at("float32_noise_per_step");
  return std::max(1e-5, 10 * noise.get<std::vector<double>>().back());
}

std::vector<std::size_t> argmax_rows(const std::vector<float>& logits, std::size_t vocab_size) {
  std::vector<std::size_t> best;
  for (auto row = logits.begin(); row != logits.end(); row += static_cast<std::ptrdiff_t>(vocab_size)) {
    best.push_back(
        static_cast<std::size_t>(std::max_element(row, row + static_cast<std::ptrdiff_t>(vocab_size)) - row));
  }
  return best;
}

}  // namespace

TEST_CASE("every step's outputs are those of the official implementation") {
  const Case test;
  const Outcome outcome = test.run({"--every-step", "--latents", "--json"});
  REQUIRE(outcome.code == 0);
  for (const std::string name : {"logits", "q", "z_high", "z_low"}) {
    CAPTURE(name);
    const auto ours = read_npy<float>(test.out / (name + ".npy"));
    const auto theirs = read_npy<float>(golden / (name + ".npy"));
    CHECK(ours.shape == theirs.shape);
    CHECK(largest_difference(ours.values, theirs.values) <= tolerance());
  }
  const auto logits = read_npy<float>(golden / "logits.npy");
  const auto steps = logits.shape[0];
  const auto batch = logits.shape[1];
  const auto predictions = read_npy<std::int32_t>(test.out / "predictions.npy");
  CHECK(predictions.shape == Shape{batch, logits.shape[2]});
  const auto best = argmax_rows(logits.values, static_cast<std::size_t>(logits.shape[3]));
  CHECK(std::equal(predictions.values.begin(), predictions.values.end(),
                   best.end() - static_cast<std::ptrdiff_t>(predictions.values.size())));
  CHECK(read_npy<std::int32_t>(test.out / "steps.npy").values ==
        std::vector<std::int32_t>(static_cast<std::size_t>(batch), static_cast<std::int32_t>(steps)));
  CHECK(nlohmann::json::parse(outcome.out).at("finished") == batch);
}

TEST_CASE("without --every-step only the last step is written, the same") {
  const Case test;
  REQUIRE(test.run({"--every-step"}).code == 0);
  const auto every = read_npy<float>(test.out / "logits.npy");
  const auto every_q = read_npy<float>(test.out / "q.npy");
  REQUIRE(test.run({"--threads", "1"}).code == 0);
  const auto last = read_npy<float>(test.out / "logits.npy");
  const auto last_q = read_npy<float>(test.out / "q.npy");
  CHECK(last.shape == Shape(every.shape.begin() + 1, every.shape.end()));
  CHECK(last_q.shape == Shape{every.shape[1], 2});
  CHECK(std::equal(last.values.begin(), last.values.end(),
                   every.values.end() - static_cast<std::ptrdiff_t>(last.values.size())));
  CHECK(std::equal(last_q.values.begin(), last_q.values.end(),
                   every_q.values.end() - static_cast<std::ptrdiff_t>(last_q.values.size())));
  CHECK_FALSE(std::filesystem::exists(test.out / "z_high.npy"));
}

TEST_CASE("a halted sample repeats its last result") {
  const Case test;
  REQUIRE(test.run({"--every-step"}).code == 0);
  const auto full = read_npy<float>(test.out / "logits.npy");
  const auto full_q = read_npy<float>(test.out / "q.npy");
  // Without a margin, and with one between the values that there are.
  const auto [least, most] = std::ranges::minmax(full_q.values);
  const float margin = GENERATE(false, true) ? std::stof(std::to_string((least + most) / 2)) : 0.0F;
  REQUIRE(test.run({"--every-step", margin == 0 ? "--halt" : "--halt=" + std::to_string(margin)}).code == 0);
  const auto halted = read_npy<float>(test.out / "logits.npy");
  const auto halted_q = read_npy<float>(test.out / "q.npy");
  const auto used = read_npy<std::int32_t>(test.out / "steps.npy").values;
  REQUIRE(halted.shape == full.shape);
  const auto steps = static_cast<std::size_t>(full.shape[0]);
  const auto batch = static_cast<std::size_t>(full.shape[1]);
  const auto size = static_cast<std::size_t>(full.shape[2] * full.shape[3]);
  for (std::size_t sample = 0; sample < batch; ++sample) {
    // The rule by hand, from the run that did not halt (this model: q_halt > 0).
    std::size_t first = 0;
    while (first + 1 < steps && full_q.values[2 * (first * batch + sample)] <= margin) ++first;
    CHECK(used[sample] == static_cast<std::int32_t>(first + 1));
    for (std::size_t step = 0; step < steps; ++step) {
      const std::size_t source = std::min(step, first) * batch + sample;
      const std::size_t row = step * batch + sample;
      const auto from = full.values.begin() + static_cast<std::ptrdiff_t>(source * size);
      CHECK(std::equal(from, from + static_cast<std::ptrdiff_t>(size),
                       halted.values.begin() + static_cast<std::ptrdiff_t>(row * size)));
      CHECK(halted_q.values[2 * row] == full_q.values[2 * source]);
    }
  }
}

TEST_CASE("inputs that do not fit are one line") {
  const Case test;
  const Path bad = test.folder / "bad.npy";
  const auto run_with = [&](const Path& inputs, const Path& ids) {
    std::vector<std::string> arguments{"run", test.model, "--inputs", inputs.string(), "--out", test.out.string()};
    if (!ids.empty()) arguments.insert(arguments.end(), {"--puzzle-identifiers", ids.string()});
    return run_program(arguments);
  };
  const Path ids = golden / "puzzle_identifiers.npy";
  const Path inputs = golden / "inputs.npy";
  const auto good = read_npy<std::int32_t>(inputs);
  write_npy<std::int32_t>(bad, Shape{1, 3}, std::vector<std::int32_t>{1, 2, 3});
  CHECK(only_error(run_with(bad, ids), 3).find("bad.npy: has the shape [1, 3]") != std::string::npos);
  auto values = good.values;
  values[1] = 1000;
  write_npy<std::int32_t>(bad, good.shape, values);
  CHECK(only_error(run_with(bad, ids), 3).find("token 1000") != std::string::npos);
  write_npy<std::int32_t>(bad, Shape{1}, std::vector<std::int32_t>{0});
  CHECK(only_error(run_with(inputs, bad), 3).find("has 1 ids") != std::string::npos);
  write_npy<std::int32_t>(bad, Shape{good.shape[0]},
                          std::vector<std::int32_t>(static_cast<std::size_t>(good.shape[0]), 9999));
  CHECK(only_error(run_with(inputs, bad), 3).find("9999") != std::string::npos);
  CHECK(only_error(run_with(inputs, {}), 2).find("--puzzle-identifiers") != std::string::npos);
  write_text(bad, "not an array");
  CHECK(only_error(run_with(bad, ids), 3).find("bad.npy") != std::string::npos);
  only_error(run_with(test.folder / "missing.npy", ids), 4);
  // Nothing was left behind by any of them.
  CHECK((!std::filesystem::exists(test.out) || std::filesystem::is_empty(test.out)));
}

TEST_CASE("a folder that cannot be written is exit code 4") {
  const Case test;
  write_text(test.folder / "file", "");
  std::vector<std::string> arguments{"run",
                                     test.model,
                                     "--inputs",
                                     (golden / "inputs.npy").string(),
                                     "--puzzle-identifiers",
                                     (golden / "puzzle_identifiers.npy").string(),
                                     "--out"};
  arguments.push_back((test.folder / "file").string());
  only_error(run_program(arguments), 4);
  arguments.back() = "/proc/nowhere";
  only_error(run_program(arguments), 4);
}

// Has a run of the bundled model on `batch` samples written the logits of sample 0? They are in a temporary file then,
// which has its full size, zeros, from the start.
bool logits_of_first_are_written(const Path& out, std::size_t batch) {
  constexpr std::size_t sample = std::size_t{81} * 11 * sizeof(float);
  if (!std::filesystem::exists(out)) return false;
  for (const auto& entry : std::filesystem::directory_iterator(out)) {
    const std::string bytes = read_file(entry.path());
    if (bytes.size() <= batch * sample) continue;
    const std::size_t first = bytes.size() - batch * sample;
    if (bytes.find_first_not_of('\0', first) < first + sample) return true;
  }
  return false;
}

TEST_CASE("an interrupted run keeps what is finished and says which") {
  const TemporaryDirectory folder;
  const Path inputs = folder / "inputs.npy";
  const Path out = folder / "out";
  // On the first sudoku the model halts at once. The second, filled with 1, has no solution: there it never halts.
  const std::string solvable = ".3.8.6..1.6..147.594..5...3.76...139..9...27...49.765.1.....5.64...239..6..5.13.2";
  std::vector<std::int32_t> cells(2 * 81, 2);
  std::transform(solvable.begin(), solvable.end(), cells.begin(), [](char c) { return c == '.' ? 1 : c - '0' + 1; });
  write_npy<std::int32_t>(inputs, Shape{2, 81}, cells);
  const Outcome outcome =
      run_program(Invocation{.arguments = {"run", sudoku_model(), "--inputs", inputs.string(), "--out", out.string(),
                                           "--steps", "1000000", "--halt"},
                             .interrupt_when = [&](const Outcome&) { return logits_of_first_are_written(out, 2); }});
  CHECK(outcome.code == 130);
  CHECK(outcome.err.find("steps.npy has 0 for them") != std::string::npos);
  const auto steps = read_npy<std::int32_t>(out / "steps.npy").values;
  REQUIRE(steps.size() == 2);
  CHECK(steps[0] > 0);
  CHECK(steps[1] == 0);
  CHECK(read_npy<float>(out / "logits.npy").shape == Shape{2, 81, 11});
}

}  // namespace trm::cli_run_test
