#pragma once
// What the benchmarks share. One file each.

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/common.hpp"
#include "cli/cost.hpp"
#include "cli/interrupt.hpp"
#include "cli/session.hpp"
#include "runtime/network.hpp"

namespace trm {

struct BenchOptions {
  std::string what;
  std::string model;
  std::int64_t batch = 1;
  double seconds = 3;  // about how long to measure
};

struct Timing {
  double median_s = 0;
  double min_s = 0;
  std::size_t repetitions = 0;
};
[[nodiscard]] Timing timing_of(std::vector<double> seconds);

// Runs `work` for about `seconds`, at least three times after one that warms up. Throws Error(work) when interrupted
// before anything was measured.
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
  return timing_of(std::move(times));
}

// A batch of puzzles: time does not depend on what the cells hold.
class BenchBatch {
 public:
  BenchBatch(const Model& model, std::int64_t size);
  [[nodiscard]] std::span<const Sample> samples() const { return samples_; }

 private:
  std::vector<std::int32_t> cells_;
  std::vector<Sample> samples_;
};

// Steps of a run that is timed: several, so that what a run does once counts little.
inline constexpr std::int64_t steps_timed = 4;
// Seconds of one step of the whole batch, from one such run.
[[nodiscard]] double step_seconds(const Model& model, const BenchBatch& batch, int threads);

// A product of a layer, by name.
struct LayerProduct {
  std::string name;
  const PackedMatrix* b;
  Epilogue epilogue;
};
[[nodiscard]] std::vector<LayerProduct> layer_products(const Layer& layer);  // those that there are

// What a result is of: the model's shape, the kernels, their type.
[[nodiscard]] nlohmann::ordered_json bench_json(const CommandSession& session, const BenchOptions& options);
[[nodiscard]] std::string bench_text(const CommandSession& session, const BenchOptions& options);

// Each prints what it measured.
void bench_matmul(const CommonOptions& common, const CommandSession& session, const BenchOptions& options);
void bench_memory(const CommonOptions& common, const CommandSession& session, const BenchOptions& options);
void bench_phases(const CommonOptions& common, const CommandSession& session, const BenchOptions& options);
void bench_scaling(const CommonOptions& common, const CommandSession& session, const BenchOptions& options);
void bench_time(const CommonOptions& common, const CommandSession& session, const BenchOptions& options);

}  // namespace trm
