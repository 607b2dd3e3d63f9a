// trm bench scaling: a step at 1, 2, ... threads, in turns, so that what else the machine does meets all alike.

#include <vector>

#include "cli/bench/bench.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

// Seconds a step with i + 1 threads, in each round.
std::vector<Timing> measure_rounds(const CommandSession& session, const BenchOptions& options) {
  const BenchBatch batch(session.model, options.batch);
  std::vector<std::vector<double>> times(static_cast<std::size_t>(threads_of(session)));
  const auto round = [&] {
    for (std::size_t i = 0; i < times.size(); ++i) {
      times[i].push_back(step_seconds(session.model, batch, static_cast<int>(i + 1)));
    }
  };
  measure(options.seconds, round);
  std::vector<Timing> timings;
  for (auto& one : times) {
    one.erase(one.begin());  // it warmed up
    timings.push_back(timing_of(std::move(one)));
  }
  return timings;
}

}  // namespace

void bench_scaling(const CommonOptions& common, const CommandSession& session, const BenchOptions& options) {
  const auto timings = measure_rounds(session, options);
  const auto batch = static_cast<double>(options.batch);
  auto object = bench_json(session, options);
  object["rounds"] = timings.front().repetitions;
  std::string text = "scaling of a step; " + bench_text(session, options) + "; median of " +
                     std::to_string(timings.front().repetitions) +
                     " rounds\n threads   median ms   fastest ms   puzzle steps/s   speed-up\n";
  for (std::size_t i = 0; i < timings.size(); ++i) {
    const auto& [median, fastest, repetitions] = timings[i];
    const double speed_up = timings.front().median_s / median;
    object["per_threads"].push_back({{"threads", i + 1},
                                     {"median_s", median},
                                     {"min_s", fastest},
                                     {"puzzle_steps_per_s", batch / median},
                                     {"speed_up", speed_up}});
    text += column(std::to_string(i + 1), 8) + column(fixed(median * 1e3, 3), 12) +
            column(fixed(fastest * 1e3, 3), 13) + column(fixed(batch / median, 1), 17) +
            column(fixed(speed_up, 2), 11) + '\n';
  }
  print(common.json ? json_line(object) : text);
}

}  // namespace trm
