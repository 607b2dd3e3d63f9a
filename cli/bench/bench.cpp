// trm bench: what this machine does with a model. Nothing is asserted.

#include "cli/bench/bench.hpp"

#include <array>
#include <utility>

#include "cli/command.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

using Bench = void (*)(const CommonOptions&, const CommandSession&, const BenchOptions&);
constexpr std::array<std::pair<const char*, Bench>, 7> benches = {{{"step", bench_time},
                                                                   {"matmul", bench_matmul},
                                                                   {"phases", bench_phases},
                                                                   {"scaling", bench_scaling},
                                                                   {"memory", bench_memory},
                                                                   {"load", bench_time},
                                                                   {"end-to-end", bench_time}}};

int bench(const CommonOptions& common, const BenchOptions& options) {
  const CommandSession session = open_session(options.model, common, {});
  for (const auto& [name, run_bench] : benches) {
    if (options.what == name) run_bench(common, session, options);
  }
  return exit_done;
}

}  // namespace

Timing timing_of(std::vector<double> seconds) {
  if (seconds.empty()) throw Error(ErrorKind::work, "interrupted before anything was measured");
  std::sort(seconds.begin(), seconds.end());
  return {seconds[seconds.size() / 2], seconds.front(), seconds.size()};
}

BenchBatch::BenchBatch(const Model& model, std::int64_t size) {
  const auto& h = model.hyperparameters();
  cells_.resize(static_cast<std::size_t>(h.seq_len));
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    cells_[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) * 7 % h.vocab_size);
  }
  std::int64_t id = 0;
  while (h.puzzle_emb_ndim > 0 && id < h.num_puzzle_identifiers && !model.has_puzzle(id)) ++id;
  if (h.puzzle_emb_ndim > 0 && id == h.num_puzzle_identifiers) {
    throw Error(ErrorKind::usage,
                "the model file keeps no puzzle embedding, so there is no puzzle to measure; convert the checkpoint "
                "with --ids of at least one puzzle");
  }
  samples_.assign(static_cast<std::size_t>(size), Sample{cells_, id});
}

double step_seconds(const Model& model, const BenchBatch& batch, int threads) {
  const Stopwatch watch;
  run(model, batch.samples(), {.steps = steps_timed, .threads = threads}, [](const auto&) {});
  return watch.seconds() / static_cast<double>(steps_timed);
}

nlohmann::ordered_json bench_json(const CommandSession& session, const BenchOptions& options) {
  const auto& h = session.model.hyperparameters();
  return {{"bench", options.what},        {"tokens", h.tokens()},
          {"hidden_size", h.hidden_size}, {"family", h.family},
          {"batch", options.batch},       {"isa", kernel_set_name(session.model.kernels())},
          {"type", session.model.type()}, {"weight_bytes", session.model.weight_bytes()}};
}

std::string bench_text(const CommandSession& session, const BenchOptions& options) {
  return "T " + std::to_string(session.model.hyperparameters().tokens()) + ", batch " + std::to_string(options.batch) +
         ", " + std::string(kernel_set_name(session.model.kernels())) + ", " + std::string(session.model.type());
}

void add_bench(CLI::App& app, Program& program) {
  auto options = std::make_shared<BenchOptions>();
  auto* command = add_command(
      app, "bench", "Measure what this machine does with a model.",
      "  trm bench step sudoku.gguf --batch 8 --threads 2\n"
      "  trm bench phases arc.gguf                    where the time of a step goes\n"
      "  trm bench scaling arc.gguf --threads 8       a step at 1 to 8 threads\n"
      "  trm bench memory arc.gguf --batch 8 --json   bytes by part, and the peak\n"
      "\n"
      "step: one step of the whole batch. end-to-end: all steps. load: mapping, verifying and packing the file.\n"
      "matmul: a layer's products on one core. phases: every kernel of a step timed in place, on one core, beside\n"
      "the same step without clocks.");
  std::vector<std::string> names(benches.size());
  std::ranges::transform(benches, names.begin(), [](const auto& bench) { return bench.first; });
  choose_from(command->add_option("MEASUREMENT", options->what, "What is measured, see below")->required(), names);
  add_model_option(*command, options->model);
  command->add_option("--batch", options->batch, "Puzzles at once (default: 1)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20).description(""))
      ->type_name("N");
  command->add_option("--seconds", options->seconds, "How long to measure (default: 3)")
      ->check(CLI::Range(0.0, 1e6).description(""))
      ->type_name("S");
  set_action(command, program, options, bench, OnInterrupt::stop);
}

}  // namespace trm
