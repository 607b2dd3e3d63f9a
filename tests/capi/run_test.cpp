// trm_run gives what the C++ interface gives, bit for bit, and what the reference computed.

#include <cstring>
#include <vector>

#include "models/model.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "tests/capi/handles.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::capi_test::run_test {
namespace {

// The same layout as compute() of golden_case.hpp, by the C interface.
struct Collected {
  const GoldenCase& golden;
  std::size_t latent;  // floats of one [T, D]
  std::size_t high;
  std::size_t low;
  Outputs outputs{};
};

int collect(void* context, const trm_step* step) {
  auto& [golden, latent, high, low, out] = *static_cast<Collected*>(context);
  const std::size_t steps = golden.steps(), batch = golden.batch(), index = static_cast<std::size_t>(step->step) - 1;
  const std::size_t row = index * batch + step->sample, logits = out.logits.size() / (steps * batch);
  std::copy_n(step->logits, logits, out.logits.data() + row * logits);
  out.q[2 * row] = step->q_halt;
  out.q[2 * row + 1] = step->q_continue;
  for (const std::size_t place : {std::size_t{0}, std::size_t{1}}) {
    if (index != (place == 0 ? 0 : steps - 1)) continue;
    const std::size_t at = place * batch + step->sample;
    if (high > 0) std::copy_n(step->z_high, high * latent, out.z_high.data() + at * high * latent);
    if (low > 0) std::copy_n(step->z_low, low * latent, out.z_low.data() + at * low * latent);
  }
  return 0;
}

Outputs compute_by_c(const GoldenCase& golden, const std::string& file, int threads) {
  const auto model = load(file);
  auto info = make<trm_model_info>();
  REQUIRE(trm_model_get_info(model.get(), &info, nullptr) == TRM_OK);
  const auto size = [](std::int64_t number) { return static_cast<std::size_t>(number); };
  Collected collected{golden, size(info.tokens * info.channels), size(info.high_latents), size(info.low_latents)};
  Outputs& out = collected.outputs;
  const std::size_t rows = golden.steps() * golden.batch();
  out.logits.resize(rows * size(info.cells * info.vocabulary));
  out.q.resize(rows * 2);
  out.z_high.resize(2 * golden.batch() * collected.high * collected.latent);
  out.z_low.resize(2 * golden.batch() * collected.low * collected.latent);

  const auto session = open(model.get(), threads);
  auto batch = make<trm_batch>();
  batch.samples = golden.batch();
  batch.tokens = golden.inputs.values.data();
  batch.puzzle_ids = golden.ids.values.data();
  auto options = make<trm_run_options>();
  options.steps = static_cast<std::int64_t>(golden.steps());
  options.on_step = collect;
  options.context = &collected;
  auto error = make<trm_error>();
  const auto status = trm_run(session.get(), &batch, &options, nullptr, &error);
  INFO(error.message);
  REQUIRE(status == TRM_OK);
  return out;
}

// The tokens of `from` as another type, spread out in memory: [B, S] with gaps.
template <class T>
std::vector<unsigned char> spread(const std::vector<std::int32_t>& from, std::size_t cells, std::size_t cell_stride,
                                  std::size_t sample_stride) {
  std::vector<unsigned char> bytes(from.size() / cells * sample_stride + 1, 0xee);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const T token = static_cast<T>(from[i]);
    std::memcpy(bytes.data() + 1 + i / cells * sample_stride + i % cells * cell_stride, &token, sizeof token);
  }
  return bytes;
}

template <class T>
void check_type(trm_session* session, trm_integer type, const std::vector<std::int32_t>& tokens,
                const std::vector<std::int32_t>& expected) {
  constexpr std::size_t cells = 81, cell_stride = sizeof(T) + 3, sample_stride = cells * cell_stride + 5;
  const auto bytes = spread<T>(tokens, cells, cell_stride, sample_stride);
  auto batch = make<trm_batch>();
  batch.samples = tokens.size() / cells;
  batch.tokens = bytes.data() + 1;  // of any alignment
  batch.type = type;
  batch.cell_stride = cell_stride;
  batch.sample_stride = sample_stride;
  std::vector<std::int32_t> predictions(tokens.size());
  auto results = make<trm_results>();
  results.predictions = predictions.data();
  auto options = make<trm_run_options>();
  options.steps = 2;
  REQUIRE(trm_run(session, &batch, &options, &results, nullptr) == TRM_OK);
  CHECK(predictions == expected);
}

}  // namespace

TEST_CASE("A converted golden case gives the reference's outputs, and those of the C++ interface bit for bit") {
  for (const std::string name : {"trm_mlp", "trm_att", "hrm", "hier6", "singlez"}) {
    const TemporaryDirectory folder;
    const GoldenCase golden = read_case(std::string(TRM_TEST_DATA) + "/golden/" + name);
    const std::string file = (folder / "model.gguf").string();
    auto error = make<trm_error>();
    const auto status = trm_convert(golden.checkpoint.string().c_str(), file.c_str(), nullptr, &error);
    INFO(name << ": " << error.message);
    REQUIRE(status == TRM_OK);

    const Outputs by_c = compute_by_c(golden, file, 2);
    CHECK(disagreement(golden, by_c).empty());
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < golden.batch(); ++i) samples.push_back(golden.sample(i));
    const Outputs by_cpp = compute(Model::load(std::filesystem::path(file), kernel_set()), samples, golden.steps(), 1);
    CHECK(by_c.logits == by_cpp.logits);
    CHECK(by_c.q == by_cpp.q);
    CHECK(by_c.z_high == by_cpp.z_high);
    CHECK(by_c.z_low == by_cpp.z_low);
  }
}

TEST_CASE("Tokens of every type, with any strides, are the same samples") {
  const auto model = load(bundled + "sudoku_int8.gguf");
  const auto session = open(model.get(), 1);
  std::vector<std::int32_t> tokens = sudoku_tokens();
  tokens.insert(tokens.end(), tokens.begin(), tokens.begin() + 81);
  tokens[81] = 1;
  auto batch = make<trm_batch>();
  batch.samples = 2;
  batch.tokens = tokens.data();
  std::vector<std::int32_t> expected(tokens.size());
  auto results = make<trm_results>();
  results.predictions = expected.data();
  auto options = make<trm_run_options>();
  options.steps = 2;
  REQUIRE(trm_run(session.get(), &batch, &options, &results, nullptr) == TRM_OK);
  check_type<std::int8_t>(session.get(), TRM_INT8, tokens, expected);
  check_type<std::uint8_t>(session.get(), TRM_UINT8, tokens, expected);
  check_type<std::int16_t>(session.get(), TRM_INT16, tokens, expected);
  check_type<std::uint16_t>(session.get(), TRM_UINT16, tokens, expected);
  check_type<std::int32_t>(session.get(), TRM_INT32, tokens, expected);
  check_type<std::uint32_t>(session.get(), TRM_UINT32, tokens, expected);
  check_type<std::int64_t>(session.get(), TRM_INT64, tokens, expected);
  check_type<std::uint64_t>(session.get(), TRM_UINT64, tokens, expected);
}

TEST_CASE("Noise, halting and steps of a run are those of the C++ interface") {
  const std::string file = bundled + "sudoku.gguf";
  const auto model = load(file);
  const auto session = open(model.get(), 2);
  const std::vector<std::int32_t> tokens = sudoku_tokens();
  auto batch = make<trm_batch>();
  batch.samples = 1;
  batch.tokens = tokens.data();
  const std::uint64_t key = 7;
  const std::uint32_t trajectory = 3;
  batch.noise_keys = &key;
  batch.trajectories = &trajectory;
  auto options = make<trm_run_options>();
  options.noise = 0.3;
  options.noise_latent = TRM_NOISE_HIGH;
  options.seed = 11;
  options.halt = 1;
  options.halt_margin = 0.5F;
  std::vector<float> logits(81 * 11);
  float q_halt = 0;
  std::int64_t steps = 0;
  std::uint8_t halted = 0;
  auto results = make<trm_results>();
  results.logits = logits.data();
  results.q_halt = &q_halt;
  results.steps = &steps;
  results.halted = &halted;
  REQUIRE(trm_run(session.get(), &batch, &options, &results, nullptr) == TRM_OK);

  const Model same = Model::load(std::filesystem::path(file), kernel_set());
  const Sample sample{.inputs = tokens, .puzzle_id = 0, .noise_key = key, .trajectory = trajectory};
  RunOptions run_options;
  run_options.noise = 0.3;
  run_options.noise_latent = NoiseLatent::high;
  run_options.seed = 11;
  run_options.halt = true;
  run_options.halt_margin = 0.5F;
  run_options.threads = 1;
  run(same, {&sample, 1}, run_options, [&](const StepResult& result) {
    CHECK(std::equal(logits.begin(), logits.end(), result.logits.begin(), result.logits.end()));
    CHECK(q_halt == result.q_halt);
    CHECK(steps == result.step);
    CHECK((halted == 1) == result.halted);
  });
}

}  // namespace trm::capi_test::run_test
