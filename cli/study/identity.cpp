// trm study identity: how much of the result hangs on the puzzle's id.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/run/labelled_samples.hpp"
#include "base/error.hpp"
#include "cli/arc/tasks.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/paths.hpp"
#include "cli/progress.hpp"
#include "cli/shares.hpp"
#include "cli/study/study.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "models/loaded_model.hpp"
#include "puzzles/score.hpp"
#include "runtime/noise.hpp"

namespace trm {
namespace {

constexpr std::int64_t blank_id = 0;
constexpr std::array names = {"right", "blank", "random"};
constexpr std::size_t identities = names.size();

struct IdentityOptions {
  StudyOptions study;  // DATA is empty where challenges are given
  ArcTaskOptions tasks;
};

// What the model answered to one example under each identity.
struct IdentityOutcome {
  std::array<Score, identities> scores{};
  std::array<bool, identities> done{};
};

Study open_challenges(const CommonOptions& common, const IdentityOptions& options) {
  auto tasks = arc::read_challenges(options.tasks.challenges);
  auto solutions = solutions_of(options.tasks, tasks);
  if (!solutions) {
    throw Error(ErrorKind::usage, "--challenges " + options.tasks.challenges +
                                      " does not hold the answers, so nothing can be counted; add --solutions S.json");
  }
  check_paths(
      std::array{InputPath{options.study.model, "the model"}, InputPath{options.tasks.challenges, "the challenges"},
                 InputPath{options.tasks.solutions, "the solutions"},
                 InputPath{options.tasks.identifiers, "the names of the puzzle ids"}},
      std::array{OutputPath{options.study.plot, OutputKind::svg}}, common.force);
  Study study{.session = open_session(options.study.model, common, {.steps = options.study.steps}), .data = {}};
  arc::Plan plan = plan_of(study.session, options.tasks, std::move(tasks));
  study.data = arc::labelled_samples(std::move(plan), std::move(*solutions), options.tasks.challenges);
  study.total = examples_to_read(options.study.examples, study.data);
  return study;
}

Study open_study(const CommonOptions& common, const IdentityOptions& options) {
  if (!options.tasks.challenges.empty()) return open_challenges(common, options);
  if (!options.study.examples.data.empty()) return open_study(common, options.study);
  throw Error(ErrorKind::usage,
              "study identity: DATA or --challenges is required; 'trm study identity --help' explains");
}

void require_identities(const CommandSession& session) {
  const auto refuse = [&](const std::string& what, const std::string& remedy) {
    throw input_error(session.name, "", what, remedy);
  };
  const Hyperparameters& h = session.model.hyperparameters();
  if (h.puzzle_emb_ndim == 0) {
    refuse("has no puzzle embeddings: its answers hang on no id", "give a model that was trained with them (ARC)");
  }
  if (h.num_puzzle_identifiers < 2) {
    refuse("knows one puzzle id only: there is no wrong one to compare with", "give a model of many puzzles (ARC)");
  }
  if (!session.model.has_puzzle(blank_id)) {
    refuse("lacks the row of the blank id 0", "convert the checkpoint with --ids that keep it ('--ids all')");
  }
  constexpr std::int64_t needed = 3;  // the blank, the right and another
  if (session.model.puzzle_rows() < needed) {
    refuse("keeps " + std::to_string(session.model.puzzle_rows()) + " ids: there is no other one to draw",
           "convert the checkpoint with more of them ('--ids all')");
  }
}

// Some kept id but the blank and `right`; it hangs on the seed and the example alone.
std::int64_t random_id(const PuzzleTable& puzzles, std::int64_t right, std::uint64_t seed, std::uint64_t example) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  for (std::uint32_t trial = 0;; ++trial) {
    const auto bits = philox({low(example), low(example >> 32), trial, 0}, {low(seed), low(seed >> 32)});
    const std::uint64_t drawn = (std::uint64_t{bits[0]} << 32 | bits[1]) % static_cast<std::uint64_t>(puzzles.rows());
    const std::int64_t id = puzzles.id_of(static_cast<std::int64_t>(drawn));
    if (id != blank_id && id != right) return id;
  }
}

std::vector<IdentityOutcome> run_all(const Study& study, const CommonOptions& common) {
  const Model& model = study.session.model;
  const Hyperparameters& h = model.hyperparameters();
  std::vector<IdentityOutcome> outcomes(study.total);
  Progress progress(study.total * identities, "runs", common.quiet);
  for_blocks(study.data, study.total, block_examples, [&](const ExampleBlock& block) {
    std::vector<Sample> samples;  // [examples, identities]
    for (std::size_t i = 0; i < block.samples.size(); ++i) {
      samples.insert(samples.end(), identities, block.samples[i]);
      Sample* own = &samples[i * identities];
      own[1].puzzle_id = blank_id;
      own[2].puzzle_id = random_id(model.impl().puzzles, own[0].puzzle_id, common.seed, block.first + i);
    }
    run(
        model, samples, study.session.run,
        [&](const StepResult& result) {
          const std::size_t i = result.sample / identities, identity = result.sample % identities;
          std::vector<std::int32_t> answer(static_cast<std::size_t>(h.seq_len));
          argmax(result.logits, h.vocab_size, answer);
          outcomes[block.first + i].scores[identity] = score(answer, block.labels(i));
          outcomes[block.first + i].done[identity] = true;
          progress.advance();
        },
        interrupted);
  });
  return outcomes;
}

struct IdentitySummary {
  std::size_t finished = 0;
  std::size_t labelled = 0;
  std::array<PairedCount, identities> against_right{};  // each identity is the second
};

IdentitySummary summarise(const std::vector<IdentityOutcome>& outcomes) {
  IdentitySummary summary;
  for (const IdentityOutcome& outcome : outcomes) {
    if (!std::ranges::all_of(outcome.done, [](bool done) { return done; })) continue;
    summary.finished += 1;
    if (outcome.scores[0].asked == 0) continue;
    summary.labelled += 1;
    for (std::size_t i = 0; i < identities; ++i) {
      summary.against_right[i].add(outcome.scores[0].exact(), outcome.scores[i].exact());
    }
  }
  return summary;
}

void print_json(const IdentitySummary& summary, const Study& study, const CommonOptions& common) {
  nlohmann::ordered_json object{{"data", study.data.name},
                                {"examples", summary.labelled},
                                {"steps", steps_of(study.session)},
                                {"seed", common.seed}};
  for (std::size_t i = 0; i < identities; ++i) {
    const PairedCount& paired = summary.against_right[i];
    object[names[i]] = exact_json(paired.second, paired.puzzles);
    if (i == 0) continue;
    object[names[i]]["mcnemar"] = {
        {"only_right", paired.only_first}, {std::string("only_") + names[i], paired.only_second}, {"p", paired.p()}};
  }
  print(json_line(object));
}

void print_text(const IdentitySummary& summary, const Study& study, bool wide) {
  std::vector<TableRow> rows = {{"id", "exact", "only the right id", "only this one", "McNemar's p"}};
  for (std::size_t i = 0; i < identities; ++i) {
    const PairedCount& paired = summary.against_right[i];
    rows.push_back({names[i], share_text(share(paired.second, paired.puzzles),
                                         wilson_interval(paired.second, paired.puzzles), wide)});
    if (i == 0) continue;
    rows.back().insert(rows.back().end(),
                       {std::to_string(paired.only_first), std::to_string(paired.only_second), fixed(paired.p(), 4)});
  }
  print(std::to_string(summary.labelled) + " examples, " + std::to_string(steps_of(study.session)) + " steps\n" +
        table_text(rows) + (wide ? "" : interval_note));
}

LinePlot plot_of(const IdentitySummary& summary, const IdentityOptions& options) {
  const std::string& folder = options.study.examples.data;
  LinePlot plot{.title = subject(options.study.model, folder.empty() ? options.tasks.challenges : folder),
                .x_label = "puzzle id",
                .y_label = "exact match, 95 % interval",
                .names = {names.begin(), names.end()},
                .lines = {{"exact", {}}}};
  for (std::size_t i = 0; i < identities; ++i) {
    const PairedCount& paired = summary.against_right[i];
    const Interval interval = wilson_interval(paired.second, paired.puzzles);
    plot.lines[0].points.push_back(
        {static_cast<double>(i), share(paired.second, paired.puzzles), interval.low, interval.high});
  }
  return plot;
}

int study_identity(const CommonOptions& common, const IdentityOptions& options) {
  const Study study = open_study(common, options);
  require_identities(study.session);
  const Stopwatch watch;
  const IdentitySummary summary = summarise(run_all(study, common));
  require_labels(summary.labelled, study.data);
  common.json ? print_json(summary, study, common) : print_text(summary, study, options.study.wide);
  write_plot(options.study.plot, plot_of(summary, options));
  if (!common.quiet) note(cost_text(study.session, watch.seconds()));
  return exit_code(summary.finished, study.total);
}

}  // namespace

void add_identity_study(CLI::App& study, Program& program) {
  CLI::App* command = add_command(
      study, "identity", "How much of the result hangs on the puzzle's id: right, blank or random.",
      "  trm study identity arc.gguf data/arc1concept --limit 100\n"
      "  trm study identity arc.gguf --challenges c.json --solutions s.json --samples 8 --seed 1 --json\n"
      "\n"
      "Each example is run three times: with its own puzzle id, with the blank id 0, and with another id drawn from\n"
      "those that the model file keeps (--seed; never the blank one). Exact answers with Wilson's 95 % intervals, and\n"
      "McNemar's exact paired test of each wrong id against the right one. Of challenges the examples are the samples\n"
      "of 'trm arc', each test input once before any comes twice.");
  auto options = std::make_shared<IdentityOptions>();
  add_model_option(*command, options->study.model);
  CLI::Option* data = add_study_options(*command, options->study);
  CLI::Option* challenges = add_arc_task_options(*command, options->tasks);
  data->required(false)->excludes(challenges);
  for (const char* option : {"--solutions", "--identifiers", "--samples"}) {
    command->get_option(option)->needs(challenges);
  }
  set_action(command, program, options, study_identity, OnInterrupt::stop);
}

}  // namespace trm
