#include "wasm/walk.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/error.hpp"

namespace trm::wasm {

Walk::Walk(const Model& model, std::vector<std::int32_t> inputs, std::int64_t puzzle_id, const WalkDraws& draws)
    : model_(model), draws_(draws), arena_(Arena::sized([&](Arena& a) {
        const Model::Impl& m = model.impl();
        scratch_ = take_scratch(a, m.kernels, m.weights.networks());
        state_ = take_state(a, m.kernels, m.hyperparameters, m.weights);
      })) {
  const Model::Impl& m = model.impl();
  const Sample sample{.inputs = inputs, .puzzle_id = puzzle_id};
  check_sample(m, sample, 0);
  embed(m.hyperparameters, m.weights, m.puzzles, m.puzzles.row_of(puzzle_id).value_or(0), inputs, state_);
  reset_carry(m.hyperparameters, m.weights, draws_.place, {}, state_);
  shown_.resize(inputs.size());
  answer_.resize(inputs.size());
  shown_confidence_.resize(inputs.size());
  confidence_.resize(inputs.size());
  puzzle_view_ = same_view(inputs.size(), static_cast<std::size_t>(m.hyperparameters.vocab_size));
}

Walk::Walk(const Model& model, const PuzzleKind& kind, std::vector<std::int32_t> question, Variant variant,
           const WalkDraws& draws)
    : Walk(model, std::move(variant.inputs), 0, draws) {
  kind_ = kind;
  question_ = std::move(question);
  puzzle_view_ = std::move(variant.view);
}

void Walk::step(const RunOptions& options) {
  const Model::Impl& m = model_.impl();
  draws_.place.step = static_cast<std::uint32_t>(view_.step + 1);
  add_latent_noise(draws_.noise, draws_.place, state_);
  m.family.step({.team = team_,
                 .kernels = m.kernels,
                 .hyperparameters = m.hyperparameters,
                 .weights = m.weights,
                 .state = state_,
                 .place = draws_.place,
                 .scratch = {&scratch_, 1}});
  const auto latent = as_const(state_.latent(0));
  const Halting halting = halting_head(m.weights, latent);
  language_head(m.kernels, m.weights, latent, state_);
  view_.step += 1;
  if (!finite(halting) || !finite(as_const(state_.logits))) {
    throw Error(ErrorKind::work,
                {.file = {},
                 .place = "step " + std::to_string(view_.step),
                 .what = "the model's numbers overflow: its answer is not finite",
                 .remedy = "the checkpoint's weights are too large or damaged: use another checkpoint"});
  }
  measure_.add({state_.logits.data, static_cast<std::size_t>(state_.logits.rows * state_.logits.cols)},
               m.hyperparameters.vocab_size);
  read_answer();
  view_.answer = answer_.data();
  view_.confidence = confidence_.data();
  view_.logits = state_.logits.data;
  view_.q_halt = halting.q_halt;
  view_.q_continue = halting.q_continue;
  view_.halts = halts(m.hyperparameters, halting.q_halt, halting.q_continue, 0) ? 1 : 0;
  view_.ended = ends(options) ? 1 : 0;
  view_.faults = kind_ ? static_cast<std::int32_t>(kind_->faults(question_, answer_)) : -1;
}

bool Walk::ends(const RunOptions& halting) const {
  const bool surely =
      halting.halt && halts(model_.hyperparameters(), view_.q_halt, view_.q_continue, halting.halt_margin);
  const bool still = measure_.complete() && measure_.residual() < static_cast<double>(halting.halt_residual);
  return surely || still || state_.at_rest;
}

// The most probable token of each cell and its probability, taken back from the view of the try.
void Walk::read_answer() {
  const auto vocab = static_cast<std::size_t>(model_.hyperparameters().vocab_size);
  const std::span<const float> logits(state_.logits.data, shown_.size() * vocab);
  argmax(logits, static_cast<std::int64_t>(vocab), shown_);
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    const auto row = logits.subspan(i * vocab, vocab);
    const float peak = row[static_cast<std::size_t>(shown_[i])];
    float sum = 0;
    for (const float logit : row) sum += std::exp(logit - peak);
    shown_confidence_[i] = 1 / sum;
  }
  undo(puzzle_view_, shown_, answer_);
  for (std::size_t i = 0; i < shown_.size(); ++i) confidence_[puzzle_view_.cells[i]] = shown_confidence_[i];
}

}  // namespace trm::wasm
