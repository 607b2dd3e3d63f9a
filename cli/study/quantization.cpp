// trm study quantization: what a model in fewer bits loses against its float32 original.

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/progress.hpp"
#include "cli/quantize.hpp"
#include "cli/shares.hpp"
#include "cli/study/study.hpp"
#include "cli/temporary_folder.hpp"
#include "cli/terminal.hpp"
#include "convert/dequantize.hpp"
#include "convert/requantize.hpp"
#include "convert/weight_encoder.hpp"
#include "models/comparison.hpp"
#include "models/loaded_model.hpp"
#include "models/tensor_list.hpp"
#include "puzzles/score.hpp"

namespace trm {
namespace {

struct QuantizationOptions {
  std::string type;
  StudyOptions study;  // its model is the reference
};

struct WeightError {
  std::string name;
  std::string type;
  double sqnr_db = 0;
};

// All finished examples after one step.
struct StepSummary {
  double z_high = 0;     // mean cosine over tokens and examples
  double z_low = 0;      // the same
  Cosine logits;         // of all logits of all examples
  double agreement = 0;  // share of cells
};

struct QuantizationSummary {
  std::size_t examples = 0;
  std::vector<StepSummary> steps;
  PairedCount answers;  // after the last step, of the examples with labels; the reference is the first
};

// The reference in fewer bits, by a file in the folder, which must outlive the session. The loaded model keeps the file
// open, so it needs no name: it is removed before the study runs. On Windows the name goes when the model is closed.
CommandSession in_fewer_bits(const CommandSession& reference, const TemporaryFolder& folder,
                             const CommonOptions& common, const QuantizationOptions& options) {
  const auto file = folder.path() / (options.type + ".gguf");
  requantize(reference.name, file, parse_weight_type(options.type));
  CommandSession session = open_session(file.string(), common, {.steps = options.study.steps});
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return session;
}

std::vector<WeightError> weight_errors(const Model& reference, const Model& quantized) {
  std::vector<WeightError> errors;
  for (const auto& spec : tensor_list(reference.hyperparameters())) {
    if (!is_weight(spec.role)) continue;
    const gguf::File& file = quantized.impl().file;
    const auto a = dequantized(reference.impl().file, spec.name);
    const auto b = dequantized(file, spec.name);
    errors.push_back({spec.name, to_string(file.find_tensor(spec.name)->type), sqnr_db(a, b)});
  }
  return errors;
}

void count_answers(const Comparison& comparison, std::span<const std::int32_t> labels, QuantizationSummary& summary) {
  const Score reference = score(comparison.reference_answer, labels);
  const Score quantized = score(comparison.other_answer, labels);
  if (reference.asked > 0) summary.answers.add(reference.exact(), quantized.exact());
}

void count_steps(const Comparison& comparison, std::size_t cells, QuantizationSummary& summary) {
  summary.examples += 1;
  summary.steps.resize(comparison.steps.size());
  for (std::size_t i = 0; i < comparison.steps.size(); ++i) {
    const StepComparison& step = comparison.steps[i];
    summary.steps[i].z_high += step.z_high;
    summary.steps[i].z_low += step.z_low;
    summary.steps[i].logits.add(step.logits);
    summary.steps[i].agreement += static_cast<double>(step.agreeing) / static_cast<double>(cells);
  }
}

// Examples that are run together: what is kept of them stays within a budget, every thread has one.
std::size_t examples_at_once(const CommandSession& reference) {
  constexpr std::size_t budget = std::size_t{64} << 20;
  const auto threads = static_cast<std::size_t>(threads_of(reference));
  const std::size_t fitting = budget / bytes_to_compare(reference.model, reference.run);
  return std::max(threads, fitting / threads * threads);
}

QuantizationSummary compare_all(const Study& study, const CommandSession& quantized, bool quiet) {
  QuantizationSummary summary;
  const CommandSession& reference = study.session;
  Progress progress(study.total, "examples", quiet);
  for_blocks(study.data, study.total, examples_at_once(reference), [&](const ExampleBlock& block) {
    const auto comparisons = compare(reference.model, quantized.model, block.samples, reference.run, interrupted);
    for (std::size_t i = 0; i < comparisons.size(); ++i) {
      if (comparisons[i].steps.empty()) continue;
      count_steps(comparisons[i], block.labels(i).size(), summary);
      count_answers(comparisons[i], block.labels(i), summary);
      progress.advance();
    }
  });
  const double examples = std::max(1.0, static_cast<double>(summary.examples));
  for (StepSummary& step : summary.steps) {
    step.z_high /= examples;
    step.z_low /= examples;
    step.agreement /= examples;
  }
  return summary;
}

// Has the family this latent?
bool present(const QuantizationSummary& summary, double StepSummary::*latent) {
  return std::ranges::any_of(summary.steps, [&](const StepSummary& step) { return step.*latent != 0; });
}

void print_json(const QuantizationSummary& summary, const std::vector<WeightError>& weights,
                const CommandSession& reference, const CommandSession& quantized, double seconds) {
  nlohmann::ordered_json object{{"reference", reference.name},
                                {"type", quantized.model.type()},
                                {"isa", kernel_set_name(quantized.model.kernels())},
                                {"examples", summary.examples},
                                {"labelled", summary.answers.puzzles},
                                {"steps", steps_of(reference)}};
  for (const WeightError& weight : weights) {
    // Nothing lost: JSON knows no infinity.
    const auto sqnr = std::isfinite(weight.sqnr_db) ? nlohmann::ordered_json(weight.sqnr_db) : nullptr;
    object["per_weight"].push_back({{"name", weight.name}, {"type", weight.type}, {"sqnr_db", sqnr}});
  }
  const bool high = present(summary, &StepSummary::z_high), low = present(summary, &StepSummary::z_low);
  for (std::size_t i = 0; i < summary.steps.size(); ++i) {
    const StepSummary& step = summary.steps[i];
    nlohmann::ordered_json at{{"step", i + 1}};
    if (high) at["z_high"] = step.z_high;
    if (low) at["z_low"] = step.z_low;
    at["logits"] = step.logits.value();
    at["agreement"] = step.agreement;
    object["per_step"].push_back(std::move(at));
  }
  const PairedCount& answers = summary.answers;
  object["reference_answers"] = exact_json(answers.first, answers.puzzles);
  object["quantized_answers"] = exact_json(answers.second, answers.puzzles);
  object["mcnemar"] = {
      {"only_reference", answers.only_first}, {"only_quantized", answers.only_second}, {"p", answers.p()}};
  object["seconds"] = seconds;
  print(json_line(object));
}

void print_text(const QuantizationSummary& summary, const std::vector<WeightError>& weights, const std::string& type) {
  print("weights: signal to quantization noise\n");
  for (const WeightError& weight : weights) {
    print(column(std::isfinite(weight.sqnr_db) ? fixed(weight.sqnr_db, 1) + " dB" : "exact", 12) + "  " + weight.name +
          '\n');
  }
  const bool high = present(summary, &StepSummary::z_high), low = present(summary, &StepSummary::z_low);
  print("\nmean cosine with float32 over " + std::to_string(summary.examples) + " examples\n step" +
        (high ? "      z_high" : "") + (low ? "       z_low" : "") + "      logits   same cells\n");
  for (std::size_t i = 0; i < summary.steps.size(); ++i) {
    const StepSummary& step = summary.steps[i];
    print(column(std::to_string(i + 1), 5) + (high ? column(fixed(step.z_high, 6), 12) : "") +
          (low ? column(fixed(step.z_low, 6), 12) : "") + column(fixed(step.logits.value(), 6), 12) +
          column(percent(step.agreement), 13) + '\n');
  }
  const PairedCount& answers = summary.answers;
  if (answers.puzzles == 0) return;
  print("\nexact, f32    " + exact_text(answers.first, answers.puzzles) + "\nexact, " + column(type, 4) + "   " +
        exact_text(answers.second, answers.puzzles) + "\nright by one alone: f32 " +
        std::to_string(answers.only_first) + ", " + type + ' ' + std::to_string(answers.only_second) +
        "; McNemar's exact p " + fixed(answers.p(), 4) + '\n');
}

// Carry fidelity and agreement, step by step.
LinePlot plot_of(const QuantizationSummary& summary, const QuantizationOptions& options) {
  LinePlot plot{.title = subject(options.study.model + " in " + options.type, options.study.examples.data),
                .x_label = "step",
                .y_label = "mean cosine with float32; share of same cells",
                .lines = {}};
  const auto add = [&](const std::string& name, auto&& value) {
    PlotLine line{.name = name, .points = {}};
    for (std::size_t i = 0; i < summary.steps.size(); ++i) {
      const double y = value(summary.steps[i]);
      line.points.push_back({static_cast<double>(i + 1), y, y, y});
    }
    plot.lines.push_back(std::move(line));
  };
  if (present(summary, &StepSummary::z_high)) add("z_high", [](const StepSummary& at) { return at.z_high; });
  if (present(summary, &StepSummary::z_low)) add("z_low", [](const StepSummary& at) { return at.z_low; });
  add("same cells", [](const StepSummary& at) { return at.agreement; });
  return plot;
}

int study_quantization(const CommonOptions& common, const QuantizationOptions& options) {
  const Study study = open_study(common, options.study);
  const CommandSession& reference = study.session;
  if (reference.model.type() != "f32") {
    throw input_error(reference.name, "", "is " + std::string(reference.model.type()) + " already",
                      "give the float32 model: --type says what becomes of it");
  }
  const TemporaryFolder folder;
  const CommandSession quantized = in_fewer_bits(reference, folder, common, options);
  const auto weights = weight_errors(reference.model, quantized.model);
  const Stopwatch watch;
  const QuantizationSummary summary = compare_all(study, quantized, common.quiet);
  if (common.json) {
    print_json(summary, weights, reference, quantized, watch.seconds());
  } else {
    print_text(summary, weights, options.type);
  }
  write_plot(options.study.plot, plot_of(summary, options));
  if (!common.quiet) note(cost_text(quantized, watch.seconds()));
  return exit_code(summary.examples, study.total);
}

}  // namespace

void add_quantization_study(CLI::App& study, Program& program) {
  CLI::App* command = add_command(
      study, "quantization", "What a float32 model loses in fewer bits.",
      "  trm study quantization sudoku.gguf test.csv --type int8\n"
      "  trm study quantization arc.gguf data/arc1concept --type f16 --steps 4 --limit 100 --json\n"
      "\n"
      "Of every weight the signal to quantization noise; after every step the mean cosine of the latents'\n"
      "tokens (carry fidelity), the cosine of all logits and the share of cells predicted alike; after the last\n"
      "step the exact answers of both with Wilson's 95 % interval and McNemar's exact paired test.\n"
      "The model in fewer bits is what 'trm quantize' makes of it; meanwhile it is a temporary file, in $TMPDIR.");
  auto options = std::make_shared<QuantizationOptions>();
  add_model_option(*command, options->study.model);
  add_study_options(*command, options->study);
  add_fewer_bits_option(*command, options->type);
  set_action(command, program, options, study_quantization, OnInterrupt::stop);
}

}  // namespace trm
