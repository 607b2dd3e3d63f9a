// trm bench step, load and end-to-end: one number each.

#include "cli/bench/bench.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"
#include "models/session.hpp"

namespace trm {
namespace {

// One step of the whole batch.
Timing time_step(const CommandSession& session, const BenchOptions& options) {
  const BenchBatch batch(session.model, options.batch);
  RunOptions run_options = session.run;
  run_options.steps = steps_timed;
  Session kept(session.model, {.threads = {.threads = run_options.threads}});
  Timing timing = measure(options.seconds, [&] { kept.run(batch.samples(), run_options, [](const auto&) {}); });
  timing.median_s /= static_cast<double>(steps_timed);
  timing.min_s /= static_cast<double>(steps_timed);
  return timing;
}

// All steps of the whole batch.
Timing time_end_to_end(const CommandSession& session, const BenchOptions& options) {
  const BenchBatch batch(session.model, options.batch);
  Session kept(session.model, {.threads = {.threads = session.run.threads}});
  return measure(options.seconds, [&] { kept.run(batch.samples(), session.run, [](const auto&) {}); });
}

// Mapping, verifying and packing the file, which the system has in its cache.
Timing time_load(const CommandSession& session, const BenchOptions& options) {
  return measure(options.seconds, [&] { (void)Model::load(options.model, session.model.kernels()); });
}

}  // namespace

void bench_time(const CommonOptions& common, const CommandSession& session, const BenchOptions& options) {
  const Timing timing = options.what == "load"   ? time_load(session, options)
                        : options.what == "step" ? time_step(session, options)
                                                 : time_end_to_end(session, options);
  if (common.json) {
    auto object = bench_json(session, options);
    object["median_s"] = timing.median_s;
    object["min_s"] = timing.min_s;
    object["repetitions"] = timing.repetitions;
    object["threads"] = threads_of(session);
    object["peak_rss_bytes"] = peak_rss_bytes();
    print(json_line(object));
  } else {
    print(options.what + ": median " + fixed(timing.median_s * 1e3, 2) + " ms, fastest " +
          fixed(timing.min_s * 1e3, 2) + " ms of " + std::to_string(timing.repetitions) + "; " +
          bench_text(session, options) + ", " + std::to_string(threads_of(session)) + " threads; peak memory " +
          size_text(peak_rss_bytes()) + '\n');
  }
}

}  // namespace trm
