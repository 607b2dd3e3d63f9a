#pragma once
// One run of samples, as the threads that work on it share it. Session (session.hpp) distributes the samples.

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>

#include "models/latent_noise.hpp"
#include "models/loaded_model.hpp"
#include "models/state.hpp"
#include "runtime/team.hpp"

namespace trm {

class Run {
 public:
  using Report = std::function<void(const StepResult&)>;
  using Cancel = std::function<bool()>;
  using Stop = std::function<bool(const StepResult&)>;

  // All must outlive it. Throws what run() throws for options and samples that cannot be.
  Run(const Model::Impl& model, std::span<const Sample> samples, const RunOptions& options, const Report& report,
      const Cancel& cancel, const Stop& stop);

  // One sample from a fresh carry to its end, by the lead of a team, with one scratch for each of its members.
  // Different samples may run at once on different threads. A failure ends the run.
  void run_sample(std::size_t index, Team& team, State& state, std::span<const Scratch> scratch) noexcept;

  // By a failure, or because `cancel` said so.
  [[nodiscard]] bool ended() const { return ended_; }
  // The first failure, if any.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  bool is_to_end();
  void begin_sample(std::size_t index, State& state) const;
  [[nodiscard]] NoisePlace place_of(const Sample& sample, std::int64_t step) const;
  bool stands_still(std::int64_t step, State& state) const;
  bool finish_step(std::size_t sample, std::int64_t step, State& state) const;

  const Model::Impl& model_;
  const std::span<const Sample> samples_;
  const RunOptions& options_;
  const std::int64_t steps_;
  const Report& report_;
  const Cancel& cancel_;
  const Stop& stop_;
  const LatentNoise noise_;
  const std::function<bool()> is_to_end_ = [this] { return is_to_end(); };

  std::atomic<bool> ended_{false};
  std::mutex mutex_{};
  std::exception_ptr failure_{};
};

}  // namespace trm
