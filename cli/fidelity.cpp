// trm fidelity: what a model in fewer bits loses against its float32 original.

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/numbers.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "convert/dequantize.hpp"
#include "models/comparison.hpp"
#include "models/model_file.hpp"
#include "models/tensor_list.hpp"
#include "puzzles/data_set.hpp"
#include "puzzles/score.hpp"
#include "quant/statistics.hpp"
#include "runtime/error.hpp"

namespace trm {
namespace {

struct FidelityOptions {
  std::string reference;
  std::string other;
  std::string data;
  std::int64_t steps = 0;  // 0: the model's halt_max_steps
  std::size_t limit = 0;   // 0: all
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

struct Summary {
  std::size_t examples = 0;
  std::vector<StepSummary> steps;
  // After the last step, over the examples with labels:
  std::size_t labelled = 0;
  std::size_t reference_exact = 0;
  std::size_t other_exact = 0;
  std::size_t only_reference = 0;
  std::size_t only_other = 0;
};

std::vector<WeightError> weight_errors(const std::string& reference_path, const std::string& other_path) {
  const auto reference = gguf::File::open(reference_path);
  const auto other = gguf::File::open(other_path);
  std::vector<WeightError> errors;
  for (const auto& spec : tensor_list(read_hyperparameters(reference))) {
    if (spec.role != TensorRole::weight) continue;
    const auto* tensor = other.find_tensor(spec.name);
    if (tensor == nullptr || tensor->shape != spec.shape) {
      throw input_error(other_path, "tensor " + spec.name, "is missing or of another shape than in " + reference_path,
                        "compare two model files of one checkpoint");
    }
    const auto a = dequantized(reference, spec.name);
    const auto b = dequantized(other, spec.name);
    errors.push_back({spec.name, to_string(tensor->type), sqnr_db(a, b)});
  }
  return errors;
}

void count_answers(const Comparison& comparison, std::span<const std::int32_t> labels, Summary& summary) {
  const Score reference = score(comparison.reference_answer, labels);
  const Score other = score(comparison.other_answer, labels);
  if (reference.asked == 0) return;
  summary.labelled += 1;
  summary.reference_exact += reference.exact() ? 1 : 0;
  summary.other_exact += other.exact() ? 1 : 0;
  summary.only_reference += reference.exact() && !other.exact() ? 1 : 0;
  summary.only_other += other.exact() && !reference.exact() ? 1 : 0;
}

void count_steps(const Comparison& comparison, std::size_t cells, Summary& summary) {
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
std::size_t examples_at_once(const Session& reference) {
  constexpr std::size_t budget = std::size_t{64} << 20;
  const auto threads = static_cast<std::size_t>(threads_of(reference));
  const std::size_t fitting = budget / bytes_to_compare(reference.model, reference.run);
  return std::max(threads, fitting / threads * threads);
}

Summary compare_all(const Session& reference, const Session& other, const DataSet& data, std::size_t total,
                    bool quiet) {
  const auto cells = static_cast<std::size_t>(reference.model.hyperparameters().seq_len);
  const std::size_t at_once = examples_at_once(reference);
  Summary summary;
  Progress progress(total, "examples", quiet);
  for (std::size_t first = 0; first < total && !interrupted(); first += at_once) {
    const std::size_t count = std::min(at_once, total - first);
    const Batch batch = data.read(first, count);
    std::vector<Sample> samples(count);
    for (std::size_t i = 0; i < count; ++i) {
      samples[i] = {std::span(batch.inputs).subspan(i * cells, cells), batch.puzzle_ids[i]};
    }
    const auto comparisons = compare(reference.model, other.model, samples, reference.run, interrupted);
    for (std::size_t i = 0; i < count; ++i) {
      if (comparisons[i].steps.empty()) continue;
      count_steps(comparisons[i], cells, summary);
      count_answers(comparisons[i], std::span(batch.labels).subspan(i * cells, cells), summary);
      progress.advance();
    }
  }
  const double examples = std::max(1.0, static_cast<double>(summary.examples));
  for (StepSummary& step : summary.steps) {
    step.z_high /= examples;
    step.z_low /= examples;
    step.agreement /= examples;
  }
  return summary;
}

// Has the family this latent?
bool present(const Summary& summary, double StepSummary::*latent) {
  return std::ranges::any_of(summary.steps, [&](const StepSummary& step) { return step.*latent != 0; });
}

nlohmann::ordered_json exact_json(std::size_t count, std::size_t of) {
  const Interval interval = wilson_interval(count, of);
  return {{"exact", static_cast<double>(count) / std::max(1.0, static_cast<double>(of))},
          {"exact_count", count},
          {"interval", {interval.low, interval.high}}};
}

void print_json(const Summary& summary, const std::vector<WeightError>& weights, const Session& reference,
                const Session& other, double seconds) {
  nlohmann::ordered_json object{{"reference", reference.name},  {"other", other.name},
                                {"type", other.model.type()},   {"isa", kernel_set_name(other.model.kernels())},
                                {"examples", summary.examples}, {"labelled", summary.labelled},
                                {"steps", steps_of(reference)}};
  for (const WeightError& weight : weights) {
    // Nothing lost: JSON knows no infinity.
    const auto sqnr = std::isfinite(weight.sqnr_db) ? nlohmann::ordered_json(weight.sqnr_db) : nullptr;
    object["weights"].push_back({{"name", weight.name}, {"type", weight.type}, {"sqnr_db", sqnr}});
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
  object["reference_answers"] = exact_json(summary.reference_exact, summary.labelled);
  object["other_answers"] = exact_json(summary.other_exact, summary.labelled);
  object["mcnemar"] = {{"only_reference", summary.only_reference},
                       {"only_other", summary.only_other},
                       {"p", mcnemar_p(summary.only_reference, summary.only_other)}};
  object["seconds"] = seconds;
  print(object.dump() + '\n');
}

std::string exact_text(std::size_t count, std::size_t of) {
  const Interval interval = wilson_interval(count, of);
  return percent(static_cast<double>(count) / std::max(1.0, static_cast<double>(of))) + " (" + std::to_string(count) +
         " of " + std::to_string(of) + "; 95 % interval " + percent(interval.low) + " to " + percent(interval.high) +
         ")\n";
}

void print_text(const Summary& summary, const std::vector<WeightError>& weights, const Session& other) {
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
  if (summary.labelled == 0) return;
  print("\nexact, f32    " + exact_text(summary.reference_exact, summary.labelled));
  print("exact, " + column(std::string(other.model.type()), 4) + "   " +
        exact_text(summary.other_exact, summary.labelled));
  print("right by one alone: f32 " + std::to_string(summary.only_reference) + ", " + std::string(other.model.type()) +
        ' ' + std::to_string(summary.only_other) + "; McNemar's exact p " +
        fixed(mcnemar_p(summary.only_reference, summary.only_other), 4) + '\n');
}

int measure_fidelity(const CommonOptions& common, const FidelityOptions& options) {
  const StepOptions steps{.steps = options.steps};
  const Session reference = open_session(options.reference, common, steps);
  if (reference.model.type() != "f32") {
    throw input_error(reference.name, "", "is " + std::string(reference.model.type()),
                      "give the float32 model first, then the one to compare with it");
  }
  const Session other = open_session(options.other, common, steps);
  const auto weights = weight_errors(options.reference, options.other);
  const DataSet data = open_data_set(options.data, reference.model.hyperparameters(), reference.name);
  const std::size_t total = options.limit > 0 ? std::min(options.limit, data.examples) : data.examples;
  const Stopwatch watch;
  const Summary summary = compare_all(reference, other, data, total, common.quiet);
  if (common.json) {
    print_json(summary, weights, reference, other, watch.seconds());
  } else {
    print_text(summary, weights, other);
  }
  if (!common.quiet) note(cost_text(other, watch.seconds()));
  if (summary.examples == total) return exit_done;
  note("trm: interrupted: " + std::to_string(total - summary.examples) + " of " + std::to_string(total) +
       " examples are not compared");
  return exit_interrupted;
}

}  // namespace

void add_fidelity(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, "fidelity", "Measure what a model in fewer bits loses against float32.",
      "  trm fidelity sudoku.gguf sudoku-int8.gguf test.csv\n"
      "  trm fidelity arc.gguf arc-f16.gguf data/arc1concept --steps 4 --limit 100 --json\n"
      "\n"
      "Of every weight the signal to quantization noise; after every step the mean cosine of the latents'\n"
      "tokens (carry fidelity), the cosine of all logits and the share of cells predicted alike; after the last\n"
      "step the exact answers of both with Wilson's 95 % interval and McNemar's exact paired test.");
  auto options = std::make_shared<FidelityOptions>();
  command->add_option("MODEL", options->reference, "The float32 model file")->required()->type_name("");
  command->add_option("OTHER", options->other, "The same model in int8 or f16")->required()->type_name("");
  command
      ->add_option("DATA", options->data,
                   "Official data set folder, or CSV with question and answer columns, as\nfor 'trm eval'")
      ->required()
      ->type_name("");
  command->add_option("--steps", options->steps, "Supervision steps to run (default: what the model was trained for)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20).description(""))
      ->type_name("N");
  command->add_option("--limit", options->limit, "Only the first N examples (default: all)")
      ->check(CLI::Range(std::size_t{1}, std::numeric_limits<std::size_t>::max() / 2).description(""))
      ->type_name("N");
  set_action(command, program, options, measure_fidelity);
}

}  // namespace trm
