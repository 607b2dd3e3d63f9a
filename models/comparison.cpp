#include "models/comparison.hpp"

#include <string>

#include "base/error.hpp"
#include "models/family.hpp"

namespace trm {
namespace {

// The reference's latents and logits after one step.
struct ReferenceStep {
  std::vector<float> z_high;  // [T, D] or empty
  std::vector<float> z_low;   // [T, D], several of them, or empty
  std::vector<float> logits;  // [S, V]
};

std::int64_t step_count(const Model& model, const RunOptions& options) {
  return options.steps > 0 ? options.steps : model.hyperparameters().halt_max_steps;
}

std::vector<float> copy(std::span<const float> values) {
  return {values.begin(), values.end()};
}

std::vector<std::int32_t> answer(std::span<const float> logits, const Hyperparameters& h) {
  std::vector<std::int32_t> cells(static_cast<std::size_t>(h.seq_len));
  argmax(logits, h.vocab_size, cells);
  return cells;
}

void require_same_sizes(const Hyperparameters& a, const Hyperparameters& b) {
  const auto check = [](const char* what, std::int64_t first, std::int64_t second) {
    if (first == second) return;
    throw input_error("", std::string("the models' ") + what,
                      "differ: " + std::to_string(first) + " and " + std::to_string(second),
                      "compare two model files of one checkpoint");
  };
  check("seq_len", a.seq_len, b.seq_len);
  check("vocab_size", a.vocab_size, b.vocab_size);
  check("hidden_size", a.hidden_size, b.hidden_size);
  check("puzzle_emb_len", a.puzzle_emb_len, b.puzzle_emb_len);
  if (a.family != b.family) {
    throw input_error("", "the models' families", "differ: " + a.family + " and " + b.family,
                      "compare two model files of one checkpoint");
  }
}

StepComparison compare_step(const ReferenceStep& reference, const StepResult& result, const Hyperparameters& h) {
  const auto tokens = [&](std::span<const float> z) {
    return MatrixView(z.data(), static_cast<std::int64_t>(z.size()) / h.hidden_size, h.hidden_size);
  };
  StepComparison step;
  if (!reference.z_high.empty()) step.z_high = mean_cosine(tokens(reference.z_high), tokens(result.z_high));
  if (!reference.z_low.empty()) step.z_low = mean_cosine(tokens(reference.z_low), tokens(result.z_low));
  step.logits.add(reference.logits, result.logits);
  step.agreeing = agreeing(answer(reference.logits, h), answer(result.logits, h));
  return step;
}

}  // namespace

std::vector<Comparison> compare(const Model& reference, const Model& other, std::span<const Sample> samples,
                                const RunOptions& options, const std::function<bool()>& cancel) {
  const Hyperparameters& h = reference.hyperparameters();
  require_same_sizes(h, other.hyperparameters());
  RunOptions every_step = options;
  every_step.steps = step_count(reference, options);
  every_step.halt = false;
  every_step.halt_residual = 0;
  every_step.every_step = true;

  std::vector<std::vector<ReferenceStep>> reference_steps(samples.size());
  run(
      reference, samples, every_step,
      [&](const StepResult& result) {
        auto& steps = reference_steps[result.sample];
        steps.push_back({copy(result.z_high), copy(result.z_low), copy(result.logits)});
        // A family that stops by itself keeps its last result.
        if (result.last) steps.resize(static_cast<std::size_t>(every_step.steps), steps.back());
      },
      cancel);
  std::vector<Comparison> under_way(samples.size());
  std::vector<Comparison> comparisons(samples.size());
  run(
      other, samples, every_step,
      [&](const StepResult& result) {
        const auto& steps = reference_steps[result.sample];
        Comparison& comparison = under_way[result.sample];
        if (steps.size() < static_cast<std::size_t>(every_step.steps)) return;  // the reference was cancelled
        const std::size_t until = result.last ? steps.size() : comparison.steps.size() + 1;
        while (comparison.steps.size() < until) {
          comparison.steps.push_back(compare_step(steps[comparison.steps.size()], result, h));
        }
        if (!result.last) return;
        comparison.reference_answer = answer(steps.back().logits, h);
        comparison.other_answer = answer(result.logits, h);
        comparisons[result.sample] = std::move(comparison);
      },
      cancel);
  return comparisons;
}

std::size_t bytes_to_compare(const Model& reference, const RunOptions& options) {
  const Hyperparameters& h = reference.hyperparameters();
  const auto latents = static_cast<std::int64_t>(family(h.family).initial_latents.size());
  const auto step = static_cast<std::size_t>(latents * h.tokens() * h.hidden_size + h.seq_len * h.vocab_size);
  return static_cast<std::size_t>(step_count(reference, options)) * step * sizeof(float);
}

}  // namespace trm
