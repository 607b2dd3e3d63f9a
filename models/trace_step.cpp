#include "models/trace_step.hpp"

#include <array>
#include <string>

#include "models/loaded_model.hpp"

namespace trm {
namespace {

// "z_H" for the latent that starts from H_init or z_H_init, "z_L" for that of L_optimizer.init_vec.
std::string latent_name(std::string_view init) {
  if (init.find('.') != std::string_view::npos) return "z_" + std::string(init.substr(0, init.find('_')));
  const std::string name(init.substr(0, init.find("_init")));
  return name.starts_with("z_") ? name : "z_" + name;
}

void trace_latents(const Model::Impl& model, const State& state, const std::string& prefix, const Trace& trace) {
  for (std::size_t i = 0; i < model.family.initial_latents.size(); ++i) {
    trace(prefix + latent_name(model.family.initial_latents[i]), as_const(state.latent(i)), 0);
  }
}

}  // namespace

void trace_step(const Model& model, const Sample& sample, std::int64_t step, const Trace& trace) {
  const Model::Impl& m = model.impl();
  check_sample(m, sample, 0);
  Scratch scratch;
  State state;
  const auto arena = Arena::sized([&](Arena& a) {
    scratch = take_scratch(a, m.kernels, m.weights.networks());
    state = take_state(a, m.kernels, m.hyperparameters, m.weights);
  });
  embed(m.hyperparameters, m.weights, m.puzzles, m.puzzles.row_of(sample.puzzle_id).value_or(0), sample.inputs, state);
  reset_carry(m.hyperparameters, m.weights, {}, sample.start, state);
  Team team(1);
  const auto run_step = [&](StepTrace* step_trace) {
    m.family.step({.team = team,
                   .kernels = m.kernels,
                   .hyperparameters = m.hyperparameters,
                   .weights = m.weights,
                   .state = state,
                   .scratch = {&scratch, 1},
                   .trace = step_trace});
  };
  for (std::int64_t i = 1; i < step; ++i) run_step(nullptr);

  trace("input_embedding", as_const(state.input_embedding), 0);
  trace_latents(m, state, "start.", trace);
  StepTrace step_trace{.trace = trace};
  run_step(&step_trace);
  trace_latents(m, state, "", trace);
  const auto answer = as_const(state.latent(0));
  language_head(m.kernels, m.weights, answer, state);
  trace("logits", as_const(state.logits), 0);
  const Halting halting = halting_head(m.weights, answer);
  const std::array q = {halting.q_halt, halting.q_continue};
  trace("q", {q.data(), 1, m.family.q_outputs}, 0);
}

}  // namespace trm
