// Latent noise in every family: where it goes, and that nothing but its place decides what it is. And more steps than
// trained.

#include "runtime/noise.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "models/loaded_model.hpp"
#include "tests/catch.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::golden_noise_test {
namespace {

struct Converted {
  GoldenCase golden;
  Model model;
};

Converted converted(const std::string& name) {
  const TemporaryDirectory directory;
  GoldenCase golden = read_case(std::filesystem::path(TRM_TEST_DATA) / "golden" / name);
  convert_case(golden, directory / "model.gguf");
  return {.golden = std::move(golden), .model = Model::load(directory / "model.gguf", kernel_set())};
}

const std::vector<std::string> families = {
    "trm_att", "singlez",   "hier6",   "hrm",        "mamba2_hybrid", "transformers_baseline",
    "urm",     "nano_conv", "eqr_att", "fprm_sudoku"};

Sample noisy(Sample sample, std::uint64_t key, std::uint32_t trajectory) {
  sample.noise_key = key;
  sample.trajectory = trajectory;
  return sample;
}

// The latents after `steps` steps, each begun by adding noise to the latents [first, last) by hand.
std::vector<float> by_hand(const Model& model, const Sample& sample, int steps, const RunOptions& options,
                           std::size_t first, std::size_t last) {
  const auto& impl = model.impl();
  State state;
  Scratch scratch;
  const Arena arena = Arena::sized([&](Arena& a) {
    state = take_state(a, impl.kernels, impl.hyperparameters, impl.weights);
    scratch = take_scratch(a, impl.kernels, impl.weights.networks());
  });
  embed(impl.hyperparameters, impl.weights, impl.puzzles, impl.puzzles.row_of(sample.puzzle_id).value_or(0),
        sample.inputs, state);
  const auto place = [&](std::uint32_t step) {
    return NoisePlace{.seed = options.seed, .sample = sample.noise_key, .trajectory = sample.trajectory, .step = step};
  };
  reset_carry(impl.hyperparameters, impl.weights, place(0), sample.start, state);
  const auto size = static_cast<std::size_t>(state.input_embedding.rows * state.input_embedding.cols);
  Team team(1);
  for (std::uint32_t step = 1; step <= static_cast<std::uint32_t>(steps); ++step) {
    for (std::size_t i = first; i < last; ++i) {
      add_noise({.seed = options.seed,
                 .sample = sample.noise_key,
                 .trajectory = sample.trajectory,
                 .step = step,
                 .latent = static_cast<std::uint32_t>(i)},
                options.noise, {state.latents + i * size, size});
    }
    impl.family.step({.team = team,
                      .kernels = impl.kernels,
                      .hyperparameters = impl.hyperparameters,
                      .weights = impl.weights,
                      .state = state,
                      .place = place(step),
                      .scratch = {&scratch, 1}});
  }
  return {state.latents, state.latents + impl.weights.initial_latents.size() * size};
}

std::vector<float> by_run(const Model& model, const Sample& sample, int steps, RunOptions options) {
  options.steps = steps;
  options.threads = 1;
  std::vector<float> latents;
  run(model, {&sample, 1}, options, [&](const StepResult& result) {
    latents.assign(result.z_high.begin(), result.z_high.end());
    latents.insert(latents.end(), result.z_low.begin(), result.z_low.end());
  });
  return latents;
}

TEST_CASE("noise is added to the chosen latents before every step, the first included") {
  for (const std::string& name : families) {
    INFO(name);
    const auto [golden, model] = converted(name);
    const Sample sample = noisy(golden.sample(0), 11, 3);
    const std::size_t high = z_high_count(model.impl().family), all = model.impl().weights.initial_latents.size();
    RunOptions options{.noise = 0.5, .noise_latent = NoiseLatent::available, .seed = 5};
    const std::size_t first = high < all ? high : 0;
    CHECK(by_run(model, sample, 3, options) == by_hand(model, sample, 3, options, first, all));
    for (const auto& [latent, begin, end, exists] :
         {std::tuple{NoiseLatent::low, high, all, high < all},
          std::tuple{NoiseLatent::high, std::size_t{0}, high, high > 0},
          std::tuple{NoiseLatent::both, std::size_t{0}, all, high < all && high > 0}}) {
      options.noise_latent = latent;
      if (exists) {
        CHECK(by_run(model, sample, 3, options) == by_hand(model, sample, 3, options, begin, end));
      } else {
        CHECK_THROWS_WITH(by_run(model, sample, 3, options), Catch::Contains(std::string(model.impl().family.name)) &&
                                                                 Catch::Contains(high > 0 ? "z_low" : "z_high"));
      }
    }
  }
}

TEST_CASE("noise depends neither on the number of threads nor on the other samples") {
  for (const std::string& name : families) {
    INFO(name);
    const auto [golden, model] = converted(name);
    const RunOptions options{.noise = 0.3, .seed = 1};
    const Sample one = noisy(golden.sample(0), 4, 2);
    const Outputs alone = compute(model, {one}, 2, 1, options);
    for (const int threads : {1, 2, 3}) {
      INFO(threads << " threads");
      CHECK(compute(model, {one}, 2, threads, options).logits == alone.logits);
      const Outputs several = compute(
          model, {noisy(golden.sample(1), 4, 2), noisy(golden.sample(0), 4, 1), noisy(golden.sample(0), 3, 2), one}, 2,
          threads, options);
      const std::size_t size = alone.logits.size() / 2;  // of a step
      const auto last = [&](std::size_t sample) {
        const auto at = several.logits.begin() + static_cast<std::ptrdiff_t>((4 + sample) * size);
        return std::vector<float>(at, at + static_cast<std::ptrdiff_t>(size));
      };
      const std::vector<float> expected(alone.logits.begin() + static_cast<std::ptrdiff_t>(size), alone.logits.end());
      CHECK(last(3) == expected);
      CHECK(last(1) != expected);  // another trajectory
      CHECK(last(2) != expected);  // another puzzle's
    }
  }
}

TEST_CASE("without noise seed, key and trajectory mean nothing") {
  const auto [golden, model] = converted("trm_att");
  CHECK(compute(model, {noisy(golden.sample(0), 4, 2)}, 2, 1, {.noise_latent = NoiseLatent::both, .seed = 9}).logits ==
        compute(model, {golden.sample(0)}, 2, 1).logits);
}

TEST_CASE("a run of 128 steps begins like the trained one and goes on") {
  for (const std::string name : {"trm_att", "trm_mlp", "hrm", "mamba2_hybrid"}) {
    INFO(name);
    const auto [golden, model] = converted(name);
    const std::size_t trained = golden.steps(), steps = 128;
    REQUIRE(model.hyperparameters().halt_max_steps < 128);
    const Outputs all = compute(model, {golden.sample(0)}, steps, 0);
    const Outputs few = compute(model, {golden.sample(0)}, trained, 0);
    CHECK(std::equal(few.logits.begin(), few.logits.end(), all.logits.begin()));
    CHECK(std::ranges::all_of(all.logits, [](float x) { return std::isfinite(x); }));
    const auto last = all.logits.end() - static_cast<std::ptrdiff_t>(all.logits.size() / steps);
    CHECK(std::any_of(last, all.logits.end(), [](float x) { return x != 0; }));  // every step was reported
  }
}

TEST_CASE("a random start and the noise of every call depend on the sample's key and trajectory alone") {
  const TemporaryDirectory directory;
  const GoldenCase golden = read_case(std::filesystem::path(TRM_TEST_DATA) / "golden" / "eqr_mlp");
  ConvertOptions options;
  options.checkpoint = golden.checkpoint;
  options.output = directory / "model.gguf";
  CHECK(convert(options).hyperparameters.noise_scale == 0.01);
  const Model model = Model::load(options.output, kernel_set());
  const auto sample = [&](std::uint64_t key, std::uint32_t trajectory) {
    Sample one = noisy(golden.sample(0), key, trajectory);
    one.start = {};
    return one;
  };
  const auto logits = [&](const std::vector<Sample>& samples, int threads) {
    return compute(model, samples, 2, threads, {.seed = 9}).logits;  // [2, B, S, V]
  };
  const std::vector<float> alone = logits({sample(1, 0)}, 1);
  CHECK(logits({sample(1, 0)}, 3) == alone);
  CHECK(logits({sample(1, 1)}, 1) != alone);
  CHECK(logits({sample(2, 0)}, 1) != alone);
  const std::vector<float> together = logits({sample(2, 0), sample(1, 0), sample(1, 1)}, 2);
  const std::size_t one = alone.size() / 2;
  for (const std::size_t step : {std::size_t{0}, std::size_t{1}}) {
    const auto first = together.begin() + static_cast<std::ptrdiff_t>((3 * step + 1) * one);
    CHECK(std::equal(first, first + static_cast<std::ptrdiff_t>(one),
                     alone.begin() + static_cast<std::ptrdiff_t>(step * one)));
  }
}

}  // namespace
}  // namespace trm::golden_noise_test
