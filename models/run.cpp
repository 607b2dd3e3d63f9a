// Running samples: who computes what, step by step, until the last or the halting one.

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <vector>

#include "base/error.hpp"
#include "models/loaded_model.hpp"
#include "models/model.hpp"
#include "runtime/noise.hpp"
#include "runtime/team.hpp"

namespace trm {

void check_sample(const Model::Impl& model, const Sample& sample, std::size_t index) {
  const auto& h = model.hyperparameters;
  const std::string place = "sample " + std::to_string(index);
  if (static_cast<std::int64_t>(sample.inputs.size()) != h.seq_len) {
    throw input_error("", place, "has " + std::to_string(sample.inputs.size()) + " cells",
                      "the model takes " + std::to_string(h.seq_len));
  }
  for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
    if (sample.inputs[i] < 0 || sample.inputs[i] >= h.vocab_size) {
      throw input_error("", place + ", cell " + std::to_string(i),
                        "token " + std::to_string(sample.inputs[i]) + " is not in the vocabulary",
                        "the model knows 0 to " + std::to_string(h.vocab_size - 1));
    }
  }
  if (h.puzzle_emb_ndim > 0 && (sample.puzzle_id < 0 || sample.puzzle_id >= h.num_puzzle_identifiers)) {
    throw input_error("", place, "puzzle id " + std::to_string(sample.puzzle_id) + " is none of the model's",
                      "the model has " + std::to_string(h.num_puzzle_identifiers) + " puzzle ids, from 0 on");
  }
  if (h.puzzle_emb_ndim > 0 && !model.puzzles.row_of(sample.puzzle_id)) {
    throw input_error("", place, "puzzle id " + std::to_string(sample.puzzle_id) + " has no row in the model file",
                      "keep its row when the checkpoint is converted", {"ids"});
  }
}

namespace {

// An option's value that no run can have.
Error refusal(std::string_view setting, const std::string& value, const std::string& remedy) {
  return {ErrorKind::usage,
          {.file = {}, .place = value, .what = "no run can have this value", .remedy = remedy, .settings = {setting}}};
}

void check(const RunOptions& options) {
  if (options.steps < 0) throw refusal("steps", std::to_string(options.steps), "give 1 or more, or 0 for the model's");
  if (options.threads < 0) throw refusal("threads", std::to_string(options.threads), "give 1 or more, or 0 for all");
  if (!std::isfinite(options.halt_margin)) {
    throw refusal("halt_margin", std::to_string(options.halt_margin), "give a finite number");
  }
  if (!std::isfinite(options.noise) || options.noise < 0) {
    throw refusal("noise", std::to_string(options.noise), "give a standard deviation: finite, 0 or more");
  }
}

using Report = std::function<void(const StepResult&)>;
using Cancel = std::function<bool()>;
using Stop = std::function<bool(const StepResult&)>;

// The buffers of one thread: its scratch, and a sample's state if it owns samples.
struct Worker {
  Worker(const Model::Impl& model, bool owns_samples)
      : arena(Arena::sized([&](Arena& a) {
          scratch = take_scratch(a, model.kernels, model.weights.networks());
          if (owns_samples) state = take_state(a, model.kernels, model.hyperparameters, model.weights);
        })) {}

  Scratch scratch{};
  State state{};
  Arena arena;
};

// Noise on the latents [first, last) of State::latents.
struct Noise {
  double sigma = 0;
  std::uint64_t seed = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

Noise noise_of(const Family& family, const RunOptions& options) {
  const std::size_t high = z_high_count(family), all = family.initial_latents.size();
  const auto refuse = [&](const std::string& latent, const std::string& other) {
    throw Error(ErrorKind::usage, {.file = {},
                                   .place = latent,
                                   .what = "the family " + std::string(family.name) + " has no such latent",
                                   .remedy = "its noise can be on " + other,
                                   .settings = {"noise_latent"}});
  };
  auto wanted = options.noise_latent;
  if (wanted == NoiseLatent::available) wanted = high < all ? NoiseLatent::low : NoiseLatent::high;
  if (wanted != NoiseLatent::high && high == all) refuse("z_low", "z_high");
  if (wanted != NoiseLatent::low && high == 0) refuse("z_high", "z_low");
  return {.sigma = options.noise,
          .seed = options.seed,
          .first = wanted == NoiseLatent::low ? high : 0,
          .last = wanted == NoiseLatent::high ? high : all};
}

// What all threads of a run share.
struct Shared {
  const Model::Impl& model;
  std::span<const Sample> samples;
  std::int64_t steps;
  bool halt;
  float halt_margin;
  bool every_step;
  Noise noise;
  const Report& report;
  const Cancel& cancel;
  const Stop& stop_sample;

  std::atomic<bool> stop{false};
  std::mutex mutex{};
  std::exception_ptr failure{};

  void fail() {
    const std::lock_guard lock(mutex);
    if (!failure) failure = std::current_exception();
    stop = true;
  }
};

void disturb(const Noise& noise, const Sample& sample, std::int64_t step, const State& state) {
  if (noise.sigma == 0) return;
  for (std::size_t i = noise.first; i < noise.last; ++i) {
    const auto latent = state.latent(i);
    add_noise({.seed = noise.seed,
               .sample = sample.noise_key,
               .trajectory = sample.trajectory,
               .step = static_cast<std::uint32_t>(step),
               .latent = static_cast<std::uint32_t>(i)},
              noise.sigma, {latent.data, static_cast<std::size_t>(latent.rows * latent.cols)});
  }
}

Error overflow(std::size_t sample, std::int64_t step) {
  return {ErrorKind::work,
          {.file = {},
           .place = "sample " + std::to_string(sample) + ", step " + std::to_string(step),
           .what = "the model's numbers overflow: its answer is not finite",
           .remedy = "the checkpoint's weights are too large or damaged: use another checkpoint",
           .settings = {}}};
}

// After a step: heads, halting, report, the next step's noise. True when the sample goes on.
bool finish_step(const Shared& shared, std::size_t sample, std::int64_t step, State& state) {
  const auto& model = shared.model;
  const auto latent = as_const(state.latent(0));
  const auto q = halting_head(model.weights, latent);
  if (!finite(q)) throw overflow(sample, step);
  const auto flat = [](const auto& m) {
    return std::span<const float>(m.data, static_cast<std::size_t>(m.rows * m.cols));
  };
  const std::size_t size = flat(latent).size();
  const std::size_t high = z_high_count(model.family) * size;
  StepResult result{.sample = sample,
                    .step = step,
                    .halted = shared.halt && halts(model.hyperparameters, q.q_halt, q.q_continue, shared.halt_margin),
                    .q_halt = q.q_halt,
                    .q_continue = q.q_continue,
                    .logits = flat(state.logits),
                    .z_high = {state.latents, high},
                    .z_low = {state.latents + high, model.weights.initial_latents.size() * size - high}};
  result.last = result.halted || step == shared.steps;
  if (result.last || shared.every_step || shared.stop_sample) {
    language_head(model.kernels, model.weights, latent, state);
    if (!finite(as_const(state.logits))) throw overflow(sample, step);
    if (shared.stop_sample && shared.stop_sample(result)) result.last = true;
  }
  if (result.last || shared.every_step) shared.report(result);
  if (result.last || (shared.cancel && shared.cancel())) return false;
  disturb(shared.noise, shared.samples[sample], step + 1, state);
  return true;
}

// One sample from a fresh carry to its end, by every member of the team. The lead
// does what is not worth sharing. `goes_on` is written by the lead alone and read
// by all between two barriers, so that all agree. False: no further sample.
bool run_sample(Shared& shared, std::size_t sample, Team& team, bool lead, State& state, const Scratch& scratch,
                std::atomic<bool>& goes_on) {
  const auto& model = shared.model;
  const auto by_lead = [&](auto&& work) {
    if (lead) {
      try {
        goes_on = work();
      } catch (...) {
        shared.fail();
        goes_on = false;
      }
    }
    team.barrier();
  };
  by_lead([&] {
    const Sample& one = shared.samples[sample];
    const std::int64_t row = model.puzzles.row_of(one.puzzle_id).value_or(0);
    embed(model.hyperparameters, model.weights, model.puzzles, row, one.inputs, state);
    reset_carry(model.weights, state);
    disturb(shared.noise, one, 1, state);
    return !(shared.cancel && shared.cancel());
  });
  for (std::int64_t step = 1; goes_on; ++step) {
    model.family.step({team, model.kernels, model.hyperparameters, model.weights, state, scratch});
    by_lead([&] { return finish_step(shared, sample, step, state); });
  }
  const bool stopped = shared.stop;
  team.barrier();
  return !stopped;
}

// Whole samples, a thread each: nothing to wait for.
void run_alone(Shared& shared, std::size_t count, int threads) {
  std::atomic<std::size_t> next{0};
#pragma omp parallel num_threads(threads)
  try {
    Worker worker(shared.model, true);
    Team team(1);
    std::atomic<bool> goes_on{false};
    for (std::size_t sample = next++; sample < count; sample = next++) {
      if (!run_sample(shared, sample, team, true, worker.state, worker.scratch, goes_on)) break;
    }
  } catch (...) {
    shared.fail();
  }
}

// Samples from `first` on, one after the other, all threads on each.
void run_together(Shared& shared, std::size_t first, int threads) {
  Worker owner(shared.model, true);
  std::vector<Worker> helpers;
  helpers.reserve(static_cast<std::size_t>(threads));
  for (int i = 1; i < threads; ++i) helpers.emplace_back(shared.model, false);
  std::optional<Team> team;
  std::atomic<bool> goes_on{false};
#pragma omp parallel num_threads(threads)
  {
#pragma omp single
    team.emplace(omp_get_num_threads());  // the system may grant fewer than asked for
    const int rank = omp_get_thread_num();
    const Scratch& scratch = rank == 0 ? owner.scratch : helpers[static_cast<std::size_t>(rank - 1)].scratch;
    for (std::size_t sample = first; sample < shared.samples.size(); ++sample) {
      if (!run_sample(shared, sample, *team, rank == 0, owner.state, scratch, goes_on)) break;
    }
  }
}

}  // namespace

void run(const Model& model, std::span<const Sample> samples, const RunOptions& options, const Report& report,
         const Cancel& cancel, const Stop& stop) {
  const auto& impl = model.impl();
  check(options);
  for (std::size_t i = 0; i < samples.size(); ++i) check_sample(impl, samples[i], i);
  const int threads = startable_threads(options.threads > 0 ? options.threads : available_threads());
  Shared shared{.model = impl,
                .samples = samples,
                .steps = options.steps > 0 ? options.steps : impl.hyperparameters.halt_max_steps,
                .halt = options.halt,
                .halt_margin = options.halt_margin,
                .every_step = options.every_step,
                .noise = options.noise == 0 ? Noise{} : noise_of(impl.family, options),
                .report = report,
                .cancel = cancel,
                .stop_sample = stop};
  // As many rounds as fill every thread with whole samples; the rest is shared out within each sample.
  const auto n = static_cast<std::size_t>(threads);
  const std::size_t alone = samples.size() / n * n;
  if (alone > 0) run_alone(shared, alone, threads);
  if (alone < samples.size() && !shared.stop) run_together(shared, alone, threads);
  if (shared.failure) std::rethrow_exception(shared.failure);
}

}  // namespace trm
