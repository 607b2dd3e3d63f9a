// trm bench: what this machine does with a model. Prints medians; nothing is asserted.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/numbers.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "models/loaded_model.hpp"
#include "runtime/error.hpp"
#include "runtime/linear.hpp"

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

struct Product {
  std::string name;
  const PackedMatrix* b;
  Epilogue epilogue;
};

// The products of a layer that are there.
std::vector<Product> products_of(const Layer& layer) {
  const std::vector<Product> all = {{"qkv", &layer.qkv, Epilogue::store},
                                    {"o", &layer.o, Epilogue::add},
                                    {"token gate_up", &layer.token_mlp.gate_up, Epilogue::swiglu},
                                    {"token down", &layer.token_mlp.down, Epilogue::add},
                                    {"gate_up", &layer.mlp.gate_up, Epilogue::swiglu},
                                    {"down", &layer.mlp.down, Epilogue::add}};
  std::vector<Product> present;
  std::copy_if(all.begin(), all.end(), std::back_inserter(present), [](const auto& p) { return p.b->n > 0; });
  return present;
}

// The products of a layer, quantization and epilogue included, on one core, a block of rows at a time as a pass calls
// them. Prints a line or an object each.
int bench_products(const CommonOptions& common, const Session& session, const BenchOptions& options) {
  const auto& model = session.model.impl();
  const auto products = products_of(model.weights.networks().front()->layers.front());
  std::int64_t widest = 0;
  for (const auto& product : products) widest = std::max({widest, product.b->n, product.b->k});
  Scratch scratch;
  float *in = nullptr, *out = nullptr;
  const Arena arena = Arena::sized([&](Arena& a) {
    scratch = take_scratch(a, model.kernels, model.weights.networks());
    in = a.take<float>(largest_block * widest);
    out = a.take<float>(largest_block * widest);
  });
  for (std::int64_t i = 0; i < largest_block * widest; ++i) in[i] = static_cast<float>(i % 17 - 8) / 8.0F;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& product : products) {
    const auto& name = product.name;
    const auto* b = product.b;
    const auto epilogue = product.epilogue;
    const std::int64_t cols = epilogue == Epilogue::swiglu ? b->n / 2 : b->n;
    const MatrixView<float> result(out, largest_block, cols);
    const MatmulTask task{.b = b, .out = result, .residual = as_const(result), .epilogue = epilogue};
    const Timing timing = measure(options.seconds / static_cast<double>(products.size()), [&] {
      std::fill_n(out, largest_block * cols, 0.0F);
      linear(model.kernels, scratch, {in, largest_block, b->k}, task);
    });
    const double gmacs = static_cast<double>(largest_block * b->n * b->k) / timing.median_s / 1e9;
    list.push_back({{"product", name},
                    {"m", largest_block},
                    {"n", b->n},
                    {"k", b->k},
                    {"median_s", timing.median_s},
                    {"gmacs_per_s", gmacs},
                    {"isa", model.kernels.name},
                    {"type", session.model.type()}});
    if (!common.json) {
      print(name + " [" + std::to_string(largest_block) + ", " + std::to_string(b->k) + "] x [" + std::to_string(b->k) +
            ", " + std::to_string(b->n) + "]: " + fixed(gmacs, 1) + " GMAC/s on one core, " +
            std::string(model.kernels.name) + ", " + std::string(session.model.type()) + "\n");
    }
  }
  if (common.json) print(list.dump() + "\n");
  return exit_done;
}

int bench(const CommonOptions& common, const BenchOptions& options) {
  const Session session = open_session(options.model, common, {});
  if (options.what == "matmul") return bench_products(common, session, options);
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
                              "  trm bench step sudoku.gguf --batch 8 --threads 2\n"
                              "  trm bench load sudoku.gguf --json");
  command
      ->add_option("what", options->what,
                   "step (one step of the whole batch), matmul (a layer's products), load, or end-to-end (all steps)")
      ->required()
      ->check(CLI::IsMember({"step", "matmul", "load", "end-to-end"}));
  command->add_option("MODEL", options->model, "A model file")->required();
  command->add_option("--batch", options->batch, "Puzzles at once")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--seconds", options->seconds, "How long to measure")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  set_action(command, program, options, bench);
}

}  // namespace trm
