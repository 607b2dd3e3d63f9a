#include "models/session.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "models/run.hpp"
#include "runtime/cpu.hpp"

namespace trm {
namespace {

// The buffers of a session: a scratch for each thread, and the states of the samples that are under way at once.
struct Buffers {
  Buffers(const Model::Impl& model, std::size_t threads, std::size_t samples)
      : scratch(threads), states(samples), arena(Arena::sized([&](Arena& a) { lay_out(a, model, scratch, states); })) {}

  static void lay_out(Arena& arena, const Model::Impl& model, std::span<Scratch> scratch, std::span<State> states) {
    for (Scratch& one : scratch) one = take_scratch(arena, model.kernels, model.weights.networks());
    for (State& one : states) one = take_state(arena, model.kernels, model.hyperparameters, model.weights);
  }

  std::vector<Scratch> scratch;
  std::vector<State> states;
  Arena arena;
};

std::size_t samples_at_once(const SessionOptions& options, int threads) {
  return options.one_at_a_time ? 1 : static_cast<std::size_t>(threads);
}

}  // namespace

Caller::Caller(std::atomic<int>& process) : process_(process) {
  const int self = process_id();
  int found = nobody;
  while (!process_.compare_exchange_weak(found, self, std::memory_order_acquire)) {
    if (found != self) continue;
    throw Error(ErrorKind::usage,
                {.file = {},
                 .place = {},
                 .what = "the session is in use, by another thread or by the function that calls back",
                 .remedy = "give every caller a session of its own"});
  }
}

struct Session::Impl {
  Impl(const Model::Impl& m, const SessionOptions& options)
      : model(m),
        crew(options.threads),
        buffers(m, static_cast<std::size_t>(crew.size()), samples_at_once(options, crew.size())) {}

  // As many rounds as fill every thread with whole samples. Each of the rest is shared by the team.
  void work_on(Run& run, std::size_t samples, Team& team) {
    const auto threads = static_cast<std::size_t>(crew.size());
    const std::size_t alone = buffers.states.size() == threads ? samples / threads * threads : 0;
    if (alone > 0) team.call_all();
    team.for_blocks(static_cast<std::int64_t>(alone), [&](std::int64_t sample, int member) {
      const auto m = static_cast<std::size_t>(member);
      Team of_one(1);
      if (!run.ended()) {
        run.run_sample(static_cast<std::size_t>(sample), of_one, buffers.states[m], {&buffers.scratch[m], 1});
      }
    });
    team.call_for_steps();
    for (std::size_t sample = alone; sample < samples && !run.ended(); ++sample) {
      run.run_sample(sample, team, buffers.states[0], buffers.scratch);
    }
  }

  const Model::Impl& model;
  Crew crew;
  Buffers buffers;
  std::atomic<int> caller{Caller::nobody};
};

Session::Session(const Model& model, const SessionOptions& options)
    : impl_(std::make_unique<Impl>(model.impl(), options)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

int Session::threads() const {
  return impl_->crew.size();
}

std::size_t Session::bytes() const {
  return impl_->buffers.arena.bytes();
}

void Session::run(std::span<const Sample> samples, const RunOptions& options,
                  const std::function<void(const StepResult&)>& report, const std::function<bool()>& cancel,
                  const std::function<bool(const StepResult&)>& stop) {
  const Caller caller(impl_->caller);
  if (options.threads > threads()) {
    throw Error(ErrorKind::usage, {.file = {},
                                   .place = std::to_string(options.threads),
                                   .what = "the session has " + std::to_string(threads()) + " threads",
                                   .remedy = "give no more, or 0 for all",
                                   .settings = {"threads"}});
  }
  Run run(impl_->model, samples, options, report, cancel, stop);
  impl_->crew.lead([&](Team& team) { impl_->work_on(run, samples.size(), team); });
  run.rethrow();
}

std::size_t memory_needed(const Model& model, const SessionOptions& options) {
  const int threads = wanted_threads(options.threads);
  std::vector<Scratch> scratch(static_cast<std::size_t>(threads));
  std::vector<State> states(samples_at_once(options, threads));
  return Arena::bytes_of([&](Arena& a) { Buffers::lay_out(a, model.impl(), scratch, states); });
}

void run(const Model& model, std::span<const Sample> samples, const RunOptions& options,
         const std::function<void(const StepResult&)>& report, const std::function<bool()>& cancel,
         const std::function<bool(const StepResult&)>& stop) {
  RunOptions of_session = options;
  of_session.threads = 0;
  const ThreadOptions threads{.threads = options.threads};
  const bool one_at_a_time = samples.size() < static_cast<std::size_t>(wanted_threads(threads));
  Session(model, {.threads = threads, .one_at_a_time = one_at_a_time}).run(samples, of_session, report, cancel, stop);
}

}  // namespace trm
