// trm bench phases: where the time of a step goes, kernel by kernel, on one core.

#include <numeric>
#include <vector>

#include "cli/bench/bench.hpp"
#include "cli/bench/kernel_ledger.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"
#include "models/loaded_model.hpp"

namespace trm {
namespace {

void name_products(const Model& model, KernelLedger& ledger) {
  const Weights& weights = model.impl().weights;
  ledger.name(weights.lm_head, "lm_head");
  for (const Network* network : weights.networks()) {
    for (const Layer& layer : network->layers) {
      for (const LayerProduct& product : layer_products(layer)) ledger.name(*product.b, product.name);
    }
  }
}

struct Phases {
  double step_s = 0;     // without clocks, the fastest
  double clocked_s = 0;  // with them
  std::size_t rounds = 0;
  std::vector<KernelCost> costs;  // of the fastest clocked run of steps_timed steps
};

// The same steps without and with clocks, in turns.
Phases measure_phases(const CommandSession& session, const BenchOptions& options) {
  KernelLedger ledger(session.model.kernels());
  const Model clocked = Model::load(options.model, ledger.kernels());
  name_products(clocked, ledger);
  const BenchBatch batch(session.model, options.batch);
  Phases phases;
  const auto round = [&] {
    const double plain = step_seconds(session.model, batch, 1);
    if (phases.step_s == 0 || plain < phases.step_s) phases.step_s = plain;
    ledger.clear();
    const double with_clocks = step_seconds(clocked, batch, 1);
    if (phases.clocked_s != 0 && with_clocks >= phases.clocked_s) return;
    phases.clocked_s = with_clocks;
    phases.costs = ledger.costs();
  };
  phases.rounds = measure(options.seconds, round).repetitions + 1;
  return phases;
}

}  // namespace

void bench_phases(const CommonOptions& common, const CommandSession& session, const BenchOptions& options) {
  const Phases phases = measure_phases(session, options);
  auto object = bench_json(session, options);
  object.update(
      {{"threads", 1}, {"rounds", phases.rounds}, {"step_s", phases.step_s}, {"clocked_step_s", phases.clocked_s}});
  std::string text = "phases of a step; " + bench_text(session, options) + ", 1 thread; the fastest of " +
                     std::to_string(phases.rounds) + " rounds\n     calls           ms     share  GMAC/s\n";
  const auto share = [&](double seconds) { return percent(seconds / phases.step_s); };
  // macs: multiply-accumulates of a step, 0 where a phase is not a product.
  const auto row = [&](const std::string& calls, double seconds, double macs, const std::string& name) {
    const std::string speed = macs > 0 ? fixed(macs / seconds * 1e-9, 1) : "";
    text += column(calls, 10) + column(fixed(seconds * 1e3, 3), 13) + column(share(seconds), 10) + column(speed, 8) +
            "  " + name + '\n';
  };
  double rest = phases.step_s, all_macs = 0;
  for (const KernelCost& cost : phases.costs) {
    const double calls = static_cast<double>(cost.calls) / static_cast<double>(steps_timed);
    const double seconds = cost.seconds / static_cast<double>(steps_timed);
    const double macs = cost.macs / static_cast<double>(steps_timed);
    rest -= seconds;
    all_macs += macs;
    object["phases"].push_back({{"phase", cost.name},
                                {"calls", calls},
                                {"seconds", seconds},
                                {"share", seconds / phases.step_s},
                                {"macs", macs}});
    row(fixed(calls, 1), seconds, macs, cost.name);
  }
  object["rest_s"] = rest;
  object["macs"] = all_macs;
  row("", rest, 0, "rest: copies of queries, keys and values, embeddings, the halting head, calls");
  row("", phases.step_s, all_macs, "the step without clocks (with them " + fixed(phases.clocked_s * 1e3, 3) + " ms)");
  print(common.json ? json_line(object) : text);
}

}  // namespace trm
