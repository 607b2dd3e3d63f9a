// trm bench: what this machine does with a model. Prints medians; nothing is asserted.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "runtime/error.hpp"

namespace trm {
namespace {

struct BenchOptions {
  std::string what;
  std::string model;
  std::int64_t batch = 1;
  double seconds = 3;
};

struct Timing {
  double median_s = 0;
  double min_s = 0;
  std::size_t repetitions = 0;
};

// Runs `work` for about `seconds`, at least three times after one that warms up.
template <class Work>
Timing measure(double seconds, Work&& work) {
  work();
  std::vector<double> times;
  const Stopwatch whole;
  while (times.size() < 3 || whole.seconds() < seconds) {
    if (interrupted()) break;
    const Stopwatch once;
    work();
    times.push_back(once.seconds());
  }
  if (times.empty()) throw Error(ErrorKind::work, "interrupted before anything was measured");
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front(), times.size()};
}

// A batch of puzzles: time does not depend on what the cells hold.
class Batch {
 public:
  Batch(const Model& model, std::int64_t size) {
    const auto& h = model.hyperparameters();
    cells_.resize(static_cast<std::size_t>(h.seq_len));
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      cells_[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) * 7 % h.vocab_size);
    }
    std::int64_t id = 0;
    while (h.puzzle_emb_ndim > 0 && id < h.num_puzzle_identifiers && !model.has_puzzle(id)) ++id;
    samples_.assign(static_cast<std::size_t>(size), Sample{cells_, id});
  }
  [[nodiscard]] std::span<const Sample> samples() const { return samples_; }

 private:
  std::vector<std::int32_t> cells_;
  std::vector<Sample> samples_;
};

// One step of the whole batch, from runs of several so that what a run does once counts little.
Timing bench_step(const Session& session, const BenchOptions& options) {
  constexpr std::int64_t steps = 4;
  const Batch batch(session.model, options.batch);
  RunOptions run_options = session.run;
  run_options.steps = steps;
  Timing timing =
      measure(options.seconds, [&] { run(session.model, batch.samples(), run_options, [](const auto&) {}); });
  timing.median_s /= static_cast<double>(steps);
  timing.min_s /= static_cast<double>(steps);
  return timing;
}

// All steps of the whole batch.
Timing bench_end_to_end(const Session& session, const BenchOptions& options) {
  const Batch batch(session.model, options.batch);
  return measure(options.seconds, [&] { run(session.model, batch.samples(), session.run, [](const auto&) {}); });
}

// Mapping, verifying and packing the file, which the system has in its cache.
Timing bench_load(const Session& session, const BenchOptions& options) {
  return measure(options.seconds, [&] { (void)Model::load(options.model, session.model.kernels()); });
}

int bench(const CommonOptions& common, const BenchOptions& options) {
  const Session session = open_session(options.model, common, {});
  const Timing timing = options.what == "load"   ? bench_load(session, options)
                        : options.what == "step" ? bench_step(session, options)
                                                 : bench_end_to_end(session, options);
  const auto& h = session.model.hyperparameters();
  if (common.json) {
    print(nlohmann::json{{"bench", options.what},
                         {"median_s", timing.median_s},
                         {"min_s", timing.min_s},
                         {"repetitions", timing.repetitions},
                         {"tokens", h.tokens()},
                         {"hidden_size", h.hidden_size},
                         {"family", h.family},
                         {"batch", options.batch},
                         {"threads", threads_of(session)},
                         {"isa", kernel_set_name(session.model.kernels())},
                         {"type", session.model.type()},
                         {"weight_bytes", session.model.weight_bytes()},
                         {"peak_rss_bytes", peak_rss_bytes()}}
              .dump() +
          "\n");
  } else {
    print(options.what + ": median " + fixed(timing.median_s * 1e3, 2) + " ms, fastest " +
          fixed(timing.min_s * 1e3, 2) + " ms of " + std::to_string(timing.repetitions) + "; T " +
          std::to_string(h.tokens()) + ", batch " + std::to_string(options.batch) + ", " +
          std::to_string(threads_of(session)) + " threads, " + std::string(kernel_set_name(session.model.kernels())) +
          ", " + std::string(session.model.type()) + "; peak memory " + size_text(peak_rss_bytes()) + "\n");
  }
  return exit_done;
}

}  // namespace

void add_bench(CLI::App& app, Program& program) {
  auto options = std::make_shared<BenchOptions>();
  auto* command = add_command(app, "bench", "Measure what this machine does with a model.",
                              "trm bench step sudoku.gguf --batch 8 --threads 2\n"
                              "trm bench load sudoku.gguf --json");
  command->add_option("what", options->what, "step (one step of the whole batch), load, or end-to-end (all steps)")
      ->required()
      ->check(CLI::IsMember({"step", "load", "end-to-end"}));
  command->add_option("model", options->model, "model file")->required();
  command->add_option("--batch", options->batch, "puzzles at once")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--seconds", options->seconds, "how long to measure")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  set_action(command, program, options, bench);
}

}  // namespace trm
