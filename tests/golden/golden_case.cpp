#include "tests/golden/golden_case.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "convert/convert.hpp"
#include "models/family.hpp"

namespace trm {
namespace {

namespace fs = std::filesystem;

fs::path find_checkpoint(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step_") || name.starts_with("model.") || name.ends_with(".pth")) return entry.path();
  }
  throw std::runtime_error(folder.string() + ": no checkpoint");
}

std::vector<float> read_floats(const fs::path& path) {
  return fs::exists(path) ? read_npy<float>(path).values : std::vector<float>{};
}

// z_low.npy, or the six latents [B, T, D] of trm_hier6 side by side, after the last step only.
std::vector<float> read_low(const fs::path& folder, std::size_t batch) {
  std::vector<float> parts[6];
  for (std::size_t i = 0; i < 6; ++i) parts[i] = read_floats(folder / ("latent_z_L" + std::to_string(i + 1) + ".npy"));
  if (parts[0].empty()) return read_floats(folder / "z_low.npy");
  const std::size_t latent = parts[0].size() / batch;
  std::vector<float> low;
  for (std::size_t outer = 0; outer < batch; ++outer) {
    for (const auto& part : parts) {
      const auto first = part.begin() + static_cast<std::ptrdiff_t>(outer * latent);
      low.insert(low.end(), first, first + static_cast<std::ptrdiff_t>(latent));
    }
  }
  return low;
}

// Of samples that stop by themselves the reference goes on until the last one of the batch has stopped; the runtime
// stops each alone and repeats its last values. values [steps, B, ...]: each sample's values after its stop,
// iterations[B], become those at its stop.
void repeat_last(std::vector<float>& values, const std::vector<std::int64_t>& iterations, std::size_t steps) {
  const std::size_t batch = iterations.size(), size = values.size() / (steps * batch);
  for (std::size_t sample = 0; sample < batch; ++sample) {
    const auto stop = static_cast<std::size_t>(iterations[sample]);
    const auto last = values.begin() + static_cast<std::ptrdiff_t>(((stop - 1) * batch + sample) * size);
    for (std::size_t step = stop; step < steps; ++step) {
      std::copy_n(last, size, values.begin() + static_cast<std::ptrdiff_t>((step * batch + sample) * size));
    }
  }
}

// z_init.npy, [latents, B, T, D] or [B, T, D] in the file.
std::vector<float> read_start(const fs::path& folder, std::size_t batch) {
  if (!fs::exists(folder / "z_init.npy")) return {};
  const auto file = read_npy<float>(folder / "z_init.npy");
  const std::size_t latents = file.shape.size() == 4 ? static_cast<std::size_t>(file.shape.front()) : 1;
  const std::size_t size = file.values.size() / (latents * batch);
  std::vector<float> start;
  for (std::size_t i = 0; i < batch * latents; ++i) {
    const std::size_t sample = i / latents, latent = i % latents;
    const auto first = file.values.begin() + static_cast<std::ptrdiff_t>((latent * batch + sample) * size);
    start.insert(start.end(), first, first + static_cast<std::ptrdiff_t>(size));
  }
  return start;
}

// The largest difference of two runs of values; infinite where they cannot be compared.
double difference(const std::vector<float>& a, const std::vector<float>& b, std::size_t first, std::size_t count) {
  if (a.size() < first + count || a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    const double d = std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!(d <= largest)) largest = std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
  }
  return largest;
}

}  // namespace

Sample GoldenCase::sample(std::size_t index) const {
  const auto cells = static_cast<std::size_t>(inputs.shape.at(1));
  const std::size_t size = start.size() / batch();
  return {.inputs = std::span(inputs.values).subspan(index * cells, cells),
          .puzzle_id = ids.values.at(index),
          .start = std::span(start).subspan(index * size, size)};
}

double GoldenCase::tolerance(std::size_t step) const {
  return std::max(1e-5, 10 * noise.at(step));
}

double GoldenCase::latent_tolerance(std::size_t step) const {
  return std::max(tolerance(step), 10 * latent_noise);
}

GoldenCase read_case(const fs::path& folder) {
  std::ifstream file(folder / "case.json");
  const auto description = nlohmann::json::parse(file);
  auto ids = read_npy<std::int64_t>(folder / "puzzle_identifiers.npy");
  const std::size_t batch = ids.values.size();
  GoldenCase golden{.name = folder.filename().string(),
                    .checkpoint = find_checkpoint(folder),
                    .inputs = read_npy<std::int32_t>(folder / "inputs.npy"),
                    .ids = std::move(ids),
                    .start = read_start(folder, batch),
                    .noise = description.at("float32_noise_per_step").get<std::vector<double>>(),
                    .latent_noise = description.value("float32_noise_z", 0.0),
                    .expected = {.logits = read_floats(folder / "logits.npy"),
                                 .q = read_floats(folder / "q.npy"),
                                 .z_high = read_floats(folder / "z_high.npy"),
                                 .z_low = read_low(folder, batch)}};
  if (!fs::exists(folder / "iterations.npy")) return golden;
  golden.iterations = read_npy<std::int64_t>(folder / "iterations.npy").values;
  repeat_last(golden.expected.logits, golden.iterations, golden.steps());
  repeat_last(golden.expected.q, golden.iterations, golden.steps());
  return golden;
}

void convert_case(const GoldenCase& golden, const fs::path& model_file, WeightSet weights) {
  ConvertOptions options;
  options.checkpoint = golden.checkpoint;
  options.output = model_file;
  options.weights = weights;
  if (golden.name.starts_with("eqr")) options.overrides = {"noise_scale=0"};
  convert(options);
}

Outputs compute(const Model& model, const std::vector<Sample>& samples, std::size_t steps, int threads,
                const RunOptions& noise) {
  RunOptions options = noise;
  options.steps = static_cast<std::int64_t>(steps);
  options.every_step = true;
  options.threads = threads;
  const auto& h = model.hyperparameters();
  const auto batch = samples.size();
  const auto cells = static_cast<std::size_t>(h.seq_len * h.vocab_size);
  const auto latent = static_cast<std::size_t>(h.tokens() * h.hidden_size);
  const Family& the_family = family(h.family);
  const std::size_t high = z_high_count(the_family), low = the_family.initial_latents.size() - high;
  const auto q_outputs = static_cast<std::size_t>(the_family.q_outputs);
  Outputs out{.logits = std::vector<float>(steps * batch * cells),
              .q = std::vector<float>(steps * batch * q_outputs),
              .z_high = std::vector<float>(2 * batch * high * latent),
              .z_low = std::vector<float>(2 * batch * low * latent)};
  const auto put = [](std::span<const float> values, std::vector<float>& array, std::size_t index) {
    std::ranges::copy(values, array.begin() + static_cast<std::ptrdiff_t>(index * values.size()));
  };
  run(model, samples, options, [&](const StepResult& result) {
    const auto step = static_cast<std::size_t>(result.step) - 1;
    const std::array q = {result.q_halt, result.q_continue};
    for (std::size_t row = step; row < (result.last ? steps : step + 1); ++row) {
      put(result.logits, out.logits, row * batch + result.sample);
      put(std::span(q).first(q_outputs), out.q, row * batch + result.sample);
    }
    for (const std::size_t end : {std::size_t{0}, std::size_t{1}}) {
      if (end == 0 ? step != 0 : !result.last) continue;
      put(result.z_high, out.z_high, end * batch + result.sample);
      put(result.z_low, out.z_low, end * batch + result.sample);
    }
  });
  return out;
}

std::string disagreement(const GoldenCase& golden, const Outputs& outputs) {
  std::ostringstream text;
  const auto compare = [&](const char* what, const std::vector<float>& expected, const std::vector<float>& got,
                           std::size_t index, std::size_t count, std::size_t step) {
    const std::size_t size = expected.size() / count;
    const double d = difference(expected, got, index * size, size);
    const double allowed = what[0] == 'z' ? golden.latent_tolerance(step) : golden.tolerance(step);
    if (size == 0 || d > allowed) {
      text << golden.name << ": " << what << " after step " << step + 1 << " differ by " << d << ", allowed " << allowed
           << '\n';
    }
  };
  const std::size_t steps = golden.steps();
  for (std::size_t step = 0; step < steps; ++step) {
    compare("logits", golden.expected.logits, outputs.logits, step, steps, step);
    compare("q", golden.expected.q, outputs.q, step, steps, step);
  }
  for (const std::size_t end : {std::size_t{0}, std::size_t{1}}) {
    const std::size_t step = end * (steps - 1);
    if (!golden.expected.z_high.empty()) compare("z_high", golden.expected.z_high, outputs.z_high, end, 2, step);
    const bool comparable = end == 0 || golden.iterations.empty();  // else some samples went on after their stop
    if (comparable && golden.expected.z_low.size() == outputs.z_low.size() && !outputs.z_low.empty()) {
      compare("z_low", golden.expected.z_low, outputs.z_low, end, 2, step);
    }
  }
  if (2 * golden.expected.z_low.size() == outputs.z_low.size() && !outputs.z_low.empty()) {
    const auto last = outputs.z_low.end() - static_cast<std::ptrdiff_t>(golden.expected.z_low.size());
    compare("z_low", golden.expected.z_low, {last, outputs.z_low.end()}, 0, 1, steps - 1);
  }
  return text.str();
}

}  // namespace trm
