// Converted checkpoints compared with what the official implementation computes. Their results depend, bit for bit,
// neither on the number of threads nor on the other samples of a run.

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/loaded_model.hpp"
#include "puzzles/choice.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "tests/catch.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/sanitized.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::golden_test {
namespace {

namespace fs = std::filesystem;

// All kernel sets that this CPU has. Under a sanitizer only the fastest: these tests would take a quarter of an hour,
// and the kernels have tests of their own.
std::span<const KernelSet* const> kernel_sets() {
  const auto sets = available_kernel_sets();
  return TRM_SANITIZED != 0 ? sets.last(1) : sets;
}

std::vector<fs::path> cases_in(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() && entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::vector<Sample> all_samples(const GoldenCase& golden) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < golden.batch(); ++i) samples.push_back(golden.sample(i));
  return samples;
}

// The values of one sample of a batch, in every outer index: [outer, B, ...] -> [outer, ...].
std::vector<float> only(const std::vector<float>& values, std::size_t outer, std::size_t batch, std::size_t sample) {
  const std::size_t inner = values.size() / (outer * batch);
  std::vector<float> out;
  for (std::size_t i = 0; i < outer; ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>((i * batch + sample) * inner);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(inner));
  }
  return out;
}

Outputs only(const Outputs& outputs, std::size_t steps, std::size_t batch, std::size_t sample) {
  return {.logits = only(outputs.logits, steps, batch, sample),
          .q = only(outputs.q, steps, batch, sample),
          .z_high = only(outputs.z_high, 2, batch, sample),
          .z_low = only(outputs.z_low, 2, batch, sample)};
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(std::as_bytes(std::span(a)), std::as_bytes(std::span(b)));
}

void require_same_bits(const Outputs& a, const Outputs& b) {
  REQUIRE_FALSE(a.logits.empty());
  REQUIRE(same_bits(a.logits, b.logits));
  REQUIRE(same_bits(a.q, b.q));
  REQUIRE(same_bits(a.z_high, b.z_high));
  REQUIRE(same_bits(a.z_low, b.z_low));
}

void check_against_reference(const fs::path& folder, int threads) {
  const TemporaryDirectory directory;
  const GoldenCase golden = read_case(folder);
  convert_case(golden, directory / "model.gguf");
  for (const KernelSet* kernels : kernel_sets()) {
    INFO(golden.name << " on " << kernels->name);
    const Model model = Model::load(directory / "model.gguf", *kernels);
    CHECK_THAT(disagreement(golden, compute(model, all_samples(golden), golden.steps(), threads)), Catch::Equals(""));
  }
}

TEST_CASE("every family and configuration agrees with the reference on every kernel set") {
  const auto folders = cases_in(fs::path(TRM_TEST_DATA) / "golden", "");
  REQUIRE(folders.size() == 23);
  for (const auto& folder : folders) check_against_reference(folder, 0);
}

TEST_CASE("the raw weights beside an average agree with the reference too") {
  for (const char* name : {"nano_ema", "nano_board"}) {
    const fs::path folder = fs::path(TRM_TEST_DATA) / "golden" / name;
    const TemporaryDirectory directory;
    GoldenCase golden = read_case(folder);
    convert_case(golden, directory / "model.gguf", WeightSet::raw);
    const Model model = Model::load(directory / "model.gguf", kernel_set());
    const Outputs outputs = compute(model, all_samples(golden), golden.steps(), 0);
    CHECK_THAT(disagreement(golden, outputs), Catch::Contains("logits after step 1"));  // the average is another model
    const auto raw = read_npy<float>(folder / "logits_raw.npy").values;
    REQUIRE(raw.size() == outputs.logits.size());
    double largest = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      largest = std::max(largest, std::abs(static_cast<double>(raw[i]) - static_cast<double>(outputs.logits[i])));
    }
    CHECK(largest <= 3e-5);  // the noise of the raw weights is at most 7.6e-6
  }
}

TEST_CASE("the residual of a start and the choice among starts are the reference's") {
  for (const char* name : {"eqr_att", "eqr_mlp"}) {
    const fs::path folder = fs::path(TRM_TEST_DATA) / "golden" / name;
    const TemporaryDirectory directory;
    const GoldenCase golden = read_case(folder);
    convert_case(golden, directory / "model.gguf");
    const Model model = Model::load(directory / "model.gguf", kernel_set());
    std::vector<StepMeasure> measures(golden.batch());
    RunOptions options{.steps = static_cast<std::int64_t>(golden.steps()), .every_step = true};
    run(model, all_samples(golden), options, [&](const StepResult& result) {
      measures[result.sample].add(result.logits, model.hyperparameters().vocab_size);
    });
    const auto score = read_npy<float>(folder / "score.npy");  // [puzzles, starts]
    const auto chosen = read_npy<std::int64_t>(folder / "chosen.npy").values;
    const auto starts = static_cast<std::size_t>(score.shape.at(1));
    for (std::size_t puzzle = 0; puzzle < chosen.size(); ++puzzle) {
      std::vector<TrajectoryAnswer> answers(starts);
      for (std::size_t i = 0; i < starts; ++i) {
        answers[i].residual = measures[puzzle * starts + i].residual();
        const double expected = static_cast<double>(score.values[puzzle * starts + i]);
        CHECK(std::abs(answers[i].residual - expected) <= 1e-4 * (1 + expected));
      }
      CHECK(choose(answers, Best::residual).index == static_cast<std::size_t>(chosen[puzzle]));
    }
  }
}

TEST_CASE("a sample of FPRM stops where the reference stops it alone, at the rule or at the last step") {
  for (const char* name : {"fprm_sudoku", "fprm_maze", "fprm_state"}) {
    const TemporaryDirectory directory;
    const GoldenCase golden = read_case(fs::path(TRM_TEST_DATA) / "golden" / name);
    convert_case(golden, directory / "model.gguf");
    const Model model = Model::load(directory / "model.gguf", kernel_set());
    const auto samples = all_samples(golden);
    const auto stops = [&](std::int64_t steps) {
      std::vector<std::int64_t> found(golden.batch());
      std::vector<std::uint8_t> halted(golden.batch());  // checked below: Catch counts in one thread
      std::vector<float> latents(golden.expected.z_low.size() / 2);
      run(model, samples, {.steps = steps}, [&](const StepResult& result) {
        halted[result.sample] = static_cast<std::uint8_t>(result.halted);
        found[result.sample] = result.step;
        std::ranges::copy(result.z_low,
                          latents.begin() + static_cast<std::ptrdiff_t>(result.sample * result.z_low.size()));
      });
      for (std::size_t i = 0; i < found.size(); ++i) CHECK((halted[i] != 0) == (found[i] < steps || steps == 0));
      return std::pair(found, latents);
    };
    const auto [found, latents] = stops(0);
    CHECK(found == golden.iterations);
    CHECK(stops(5).first == std::vector<std::int64_t>(golden.batch(), 5));
    // The latents of the sample that stops last are those of the reference's last step.
    const auto longest = static_cast<std::size_t>(std::ranges::max_element(found) - found.begin());
    const std::size_t size = latents.size() / golden.batch();
    const float* expected = golden.expected.z_low.data() + (golden.batch() + longest) * size;
    double largest = 0;
    for (std::size_t i = 0; i < size; ++i) {
      largest = std::max(largest,
                         std::abs(static_cast<double>(latents[longest * size + i]) - static_cast<double>(expected[i])));
    }
    CHECK(largest <= golden.latent_tolerance(golden.steps() - 1));
  }
}

TEST_CASE("one pass of the hybrid block agrees with the reference on every kernel set") {
  const fs::path folder = fs::path(TRM_TEST_DATA) / "golden" / "mamba2_hybrid";
  const TemporaryDirectory directory;
  const GoldenCase golden = read_case(folder);
  convert_case(golden, directory / "model.gguf");
  const auto input = read_npy<float>(folder / "block_input.npy"), output = read_npy<float>(folder / "block_output.npy");
  const std::int64_t tokens = input.shape.at(1), hidden_size = input.shape.at(2), size = tokens * hidden_size;
  for (const KernelSet* kernels : kernel_sets()) {
    INFO(kernels->name);
    const Model model = Model::load(directory / "model.gguf", *kernels);
    const auto networks = model.impl().weights.networks();
    Scratch scratch;
    MixerState state;
    const Arena arena = Arena::sized([&](Arena& a) {
      scratch = take_scratch(a, *kernels, networks);
      state = take_mixer_state(a, *kernels, *networks.front());
    });
    Team team(1);
    for (std::int64_t b = 0; b < input.shape.at(0); ++b) {
      std::vector<float> h(input.values.begin() + b * size, input.values.begin() + (b + 1) * size);
      network_pass({team, *kernels, *networks.front(), state, {&scratch, 1}}, {h.data(), tokens, hidden_size}, {});
      const double allowed = golden.tolerance(0);
      double largest = 0;
      for (std::int64_t i = 0; i < size; ++i) {
        const double expected = static_cast<double>(output.values[static_cast<std::size_t>(b * size + i)]);
        largest = std::max(largest, std::abs(static_cast<double>(h[static_cast<std::size_t>(i)]) - expected));
      }
      CHECK(largest <= allowed);
    }
  }
}

TEST_CASE("full-size models agree with the official implementation on every kernel set", "[.full]") {
  const auto folders = cases_in(fs::path(TRM_SHARED) / "golden", "full_");
  if (folders.empty()) WARN("skipped: ../shared/golden is not here");
  for (const auto& folder : folders) check_against_reference(folder, 0);
  for (const auto& folder : cases_in(fs::path(TRM_SHARED) / "golden", "hrm")) check_against_reference(folder, 0);
}

TEST_CASE("results depend neither on the number of threads nor on the other samples") {
  for (const auto& folder : cases_in(fs::path(TRM_TEST_DATA) / "golden", "")) {
    const TemporaryDirectory directory;
    const GoldenCase golden = read_case(folder);
    convert_case(golden, directory / "model.gguf");
    const std::size_t steps = 2;
    const std::vector<Sample> several = {golden.sample(1), golden.sample(0), golden.sample(1), golden.sample(1),
                                         golden.sample(0)};
    for (const KernelSet* kernels : kernel_sets()) {
      INFO(golden.name << " on " << kernels->name);
      const Model model = Model::load(directory / "model.gguf", *kernels);
      const Outputs alone = compute(model, {golden.sample(0)}, steps, 1);
      for (const int threads : {1, 2, 3}) {
        INFO(threads << " threads");
        require_same_bits(alone, compute(model, {golden.sample(0)}, steps, threads));
        const Outputs together = compute(model, several, steps, threads);
        require_same_bits(alone, only(together, steps, several.size(), 1));
        require_same_bits(alone, only(together, steps, several.size(), 4));
      }
    }
  }
}

}  // namespace
}  // namespace trm::golden_test
