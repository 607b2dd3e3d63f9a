// trm study steps: what each further step brings, and what halting saves.

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/progress.hpp"
#include "cli/shares.hpp"
#include "cli/study/study.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "puzzles/choice.hpp"
#include "puzzles/score.hpp"
#include "puzzles/step_curve.hpp"

namespace trm {
namespace {

struct StepsOptions {
  StudyOptions study;
  float margin = 0;
  double residual = 0;  // not 0: halting by the residual instead of the halting head
};

struct Outcomes {
  std::vector<std::vector<StepOutcome>> labelled;  // [examples with a label][steps]
  std::size_t finished = 0;                        // examples, with or without a label
};

Outcomes run_all(const Study& study, const StepsOptions& of_study, bool quiet) {
  const Hyperparameters& model = study.session.model.hyperparameters();
  RunOptions options = study.session.run;
  options.every_step = true;
  Outcomes outcomes;
  Progress progress(study.total, "examples", quiet);
  for_blocks(study.data, study.total, block_examples, [&](const ExampleBlock& block) {
    std::vector<std::vector<StepOutcome>> steps(block.samples.size());  // each is touched by one thread
    std::vector<std::uint8_t> labelled(block.samples.size());
    std::vector<StepMeasure> measures(block.samples.size());
    const auto stands_still = [&](const StepResult& result) {
      StepMeasure& measure = measures[result.sample];
      measure.add(result.logits, model.vocab_size);
      return measure.complete() && measure.residual() < of_study.residual;
    };
    run(
        study.session.model, block.samples, options,
        [&](const StepResult& result) {
          std::vector<std::int32_t> answer(static_cast<std::size_t>(model.seq_len));
          argmax(result.logits, model.vocab_size, answer);
          const Score scored = score(answer, block.labels(result.sample));
          labelled[result.sample] = scored.asked > 0 ? 1 : 0;
          const bool halts_here = of_study.residual > 0
                                      ? stands_still(result)
                                      : halts(model, result.q_halt, result.q_continue, of_study.margin);
          steps[result.sample].push_back({.exact = scored.exact(), .halts = halts_here, .q_halt = result.q_halt});
          if (!result.last) return;
          // A family that stops by itself keeps its last answer.
          steps[result.sample].resize(static_cast<std::size_t>(steps_of(study.session)), steps[result.sample].back());
          progress.advance();
        },
        interrupted);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].size() < static_cast<std::size_t>(steps_of(study.session))) continue;
      outcomes.finished += 1;
      if (labelled[i] != 0) outcomes.labelled.push_back(std::move(steps[i]));
    }
  });
  return outcomes;
}

void print_json(const std::vector<StepPoint>& curve, std::size_t examples, const Study& study,
                const StepsOptions& options) {
  nlohmann::ordered_json object{{"data", study.data.name},
                                {"examples", examples},
                                {"steps", steps_of(study.session)},
                                {"halt_margin", options.margin},
                                {"type", study.session.model.type()}};
  if (options.residual > 0) object["halt_residual"] = options.residual;
  for (const StepPoint& point : curve) {
    nlohmann::ordered_json at{{"step", point.step}};
    at.update(exact_json(point.exact, examples));
    at["mean_q"] = point.mean_q;
    at["halting"] = exact_json(point.exact_halting, examples);
    at["halting"]["halted"] = share(point.halted, examples);
    at["halting"]["mean_steps"] = point.mean_steps;
    at["halting"]["saved"] = point.saved();
    object["per_step"].push_back(std::move(at));
  }
  print(json_line(object));
}

void print_text(const std::vector<StepPoint>& curve, std::size_t examples, bool wide) {
  std::vector<TableRow> rows = {{"step", "exact", "mean q", "halted", "exact halting", "mean steps", "saved"}};
  for (const StepPoint& point : curve) {
    const auto exact = [&](std::size_t count) {
      return share_text(share(count, examples), wilson_interval(count, examples), wide);
    };
    rows.push_back({std::to_string(point.step), exact(point.exact), fixed(point.mean_q, 3),
                    percent(share(point.halted, examples)), exact(point.exact_halting), fixed(point.mean_steps, 2),
                    percent(point.saved())});
  }
  print(std::to_string(examples) + " examples; halting: each keeps the answer of its first halted step\n" +
        table_text(rows) + (wide ? "" : interval_note));
}

LinePlot plot_of(const std::vector<StepPoint>& curve, std::size_t examples, const StudyOptions& options) {
  LinePlot plot{.title = subject(options.model, options.examples.data),
                .x_label = "steps",
                .y_label = "exact match, 95 % interval",
                .lines = {{"exact", {}}, {"exact halting", {}}}};
  for (const StepPoint& point : curve) {
    const auto add = [&](PlotLine& line, double x, std::size_t count) {
      const Interval interval = wilson_interval(count, examples);
      line.points.push_back({x, share(count, examples), interval.low, interval.high});
    };
    add(plot.lines[0], static_cast<double>(point.step), point.exact);
    add(plot.lines[1], point.mean_steps, point.exact_halting);
  }
  return plot;
}

int study_steps(const CommonOptions& common, const StepsOptions& options) {
  const Study study = open_study(common, options.study);
  const Stopwatch watch;
  const Outcomes outcomes = run_all(study, options, common.quiet);
  const std::size_t examples = outcomes.labelled.size();
  require_labels(examples, study.data);
  const auto curve = step_curve(outcomes.labelled);
  common.json ? print_json(curve, examples, study, options) : print_text(curve, examples, options.study.wide);
  write_plot(options.study.plot, plot_of(curve, examples, options.study));
  if (!common.quiet) note(cost_text(study.session, watch.seconds()));
  return exit_code(outcomes.finished, study.total);
}

}  // namespace

void add_steps_study(CLI::App& study, Program& program) {
  CLI::App* command = add_command(
      study, "steps", "What each further step brings, and what halting saves.",
      "  trm study steps sudoku.gguf test.csv --plot steps.svg\n"
      "  trm study steps sudoku.gguf test.csv --steps 64 --margin 3 --json\n"
      "\n"
      "After each step the examples with every asked cell right, and the mean q_halt. Beside it, from the same run,\n"
      "what --halt would give with at most so many steps: the share that has halted, by the model's own rule, the\n"
      "right answers among those they halted with, the mean number of steps and the share of the steps' time saved.\n"
      "In the plot halting stands at its mean number of steps.");
  auto options = std::make_shared<StepsOptions>();
  add_model_option(*command, options->study.model);
  add_study_options(*command, options->study);
  command->add_option("--margin", options->margin, "Halting as with --halt=M (default: 0)")
      ->check(CLI::Range(-1000.0, 1000.0).description(""))
      ->type_name("M");
  command
      ->add_option("--residual", options->residual, "Halting as with --halt=residual:R, instead of by the halting head")
      ->check(CLI::Range(1e-9, 1e9).description(""))
      ->type_name("R");
  set_action(command, program, options, study_steps, OnInterrupt::stop);
}

}  // namespace trm
