// Running samples: what is computed, step by step, until the last or the halting one.

#include "models/run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <string_view>

#include "base/error.hpp"

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
  const std::int64_t start =
      static_cast<std::int64_t>(model.family.initial_latents.size()) * h.tokens() * h.hidden_size;
  if (!sample.start.empty() && static_cast<std::int64_t>(sample.start.size()) != start) {
    throw input_error("", place, "has a start of " + std::to_string(sample.start.size()) + " numbers",
                      "the model's latents have " + std::to_string(start));
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

const RunOptions& checked(const RunOptions& options) {
  if (options.steps < 0) throw refusal("steps", std::to_string(options.steps), "give 1 or more, or 0 for the model's");
  if (options.threads < 0) throw refusal("threads", std::to_string(options.threads), "give 1 or more, or 0 for all");
  if (!std::isfinite(options.halt_margin)) {
    throw refusal("halt_margin", std::to_string(options.halt_margin), "give a finite number");
  }
  if (!std::isfinite(options.halt_residual) || options.halt_residual < 0) {
    throw refusal("halt_residual", std::to_string(options.halt_residual), "give a finite number above 0");
  }
  if (!std::isfinite(options.noise) || options.noise < 0) {
    throw refusal("noise", std::to_string(options.noise), "give a standard deviation: finite, 0 or more");
  }
  return options;
}

Error overflow(std::size_t sample, std::int64_t step) {
  return {ErrorKind::work,
          {.file = {},
           .place = "sample " + std::to_string(sample) + ", step " + std::to_string(step),
           .what = "the model's numbers overflow: its answer is not finite",
           .remedy = "the checkpoint's weights are too large or damaged: use another checkpoint",
           .settings = {}}};
}

}  // namespace

Run::Run(const Model::Impl& model, std::span<const Sample> samples, const RunOptions& options, const Report& report,
         const Cancel& cancel, const Stop& stop)
    : model_(model),
      samples_(samples),
      options_(checked(options)),
      steps_(options.steps > 0 ? options.steps : model.hyperparameters.halt_max_steps),
      report_(report),
      cancel_(cancel),
      stop_(stop),
      noise_(latent_noise(model.family, options.noise, options.noise_latent)) {
  for (std::size_t i = 0; i < samples.size(); ++i) check_sample(model, samples[i], i);
}

NoisePlace Run::place_of(const Sample& sample, std::int64_t step) const {
  return {.seed = options_.seed,
          .sample = sample.noise_key,
          .trajectory = sample.trajectory,
          .step = static_cast<std::uint32_t>(step)};
}

// Whether the logits of the state have moved little in the last steps. Keeps them for the next step.
bool Run::stands_still(std::int64_t step, State& state) const {
  const auto size = static_cast<std::size_t>(state.logits.rows * state.logits.cols);
  const std::span before(state.logits_before, size), now(state.logits.data, size);
  if (step > 1) state.residual.add(change_of_logits(before, now, state.logits.cols));
  std::ranges::copy(now, before.begin());
  return state.residual.complete() && state.residual.value() < static_cast<double>(options_.halt_residual);
}

// After a step: heads, halting, report, the next step's noise. True when the sample goes on.
bool Run::finish_step(std::size_t sample, std::int64_t step, State& state) const {
  const auto& model = model_;
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
                    .halted = state.at_rest || (options_.halt && halts(model.hyperparameters, q.q_halt, q.q_continue,
                                                                       options_.halt_margin)),
                    .q_halt = q.q_halt,
                    .q_continue = q.q_continue,
                    .logits = flat(state.logits),
                    .z_high = {state.latents, high},
                    .z_low = {state.latents + high, model.weights.initial_latents.size() * size - high}};
  const bool follows_logits = options_.halt_residual > 0;
  if (result.halted || step == steps_ || options_.every_step || stop_ || follows_logits) {
    language_head(model.kernels, model.weights, latent, state);
    if (!finite(as_const(state.logits))) throw overflow(sample, step);
  }
  if (follows_logits && stands_still(step, state)) result.halted = true;
  result.last = result.halted || step == steps_;
  if (stop_ && stop_(result)) result.last = true;
  if (result.last || options_.every_step) report_(result);
  if (result.last) return false;
  add_latent_noise(noise_, place_of(samples_[sample], step + 1), state);
  return true;
}

bool Run::is_to_end() {
  if (!ended_ && cancel_ && cancel_()) ended_ = true;
  return ended_;
}

void Run::begin_sample(std::size_t index, State& state) const {
  const Sample& sample = samples_[index];
  const std::int64_t row = model_.puzzles.row_of(sample.puzzle_id).value_or(0);
  embed(model_.hyperparameters, model_.weights, model_.puzzles, row, sample.inputs, state);
  reset_carry(model_.hyperparameters, model_.weights, place_of(sample, 0), sample.start, state);
  add_latent_noise(noise_, place_of(sample, 1), state);
}

void Run::run_sample(std::size_t index, Team& team, State& state, std::span<const Scratch> scratch) noexcept {
  try {
    begin_sample(index, state);
    for (std::int64_t step = 1;; ++step) {
      const auto begin = std::chrono::steady_clock::now();
      model_.family.step({.team = team,
                          .kernels = model_.kernels,
                          .hyperparameters = model_.hyperparameters,
                          .weights = model_.weights,
                          .state = state,
                          .place = place_of(samples_[index], step),
                          .scratch = scratch,
                          .stopped = &is_to_end_});
      if (ended_) return;
      team.step_took(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
      if (!finish_step(index, step, state)) return;
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    ended_ = true;
  }
}

}  // namespace trm
