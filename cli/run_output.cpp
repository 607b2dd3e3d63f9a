#include "cli/run_output.hpp"

#include <algorithm>
#include <span>

#include "io/npy.hpp"
#include "models/family.hpp"

namespace trm {
namespace {

std::vector<std::int64_t> with_steps(const RunOutputShape& shape, std::vector<std::int64_t> rest) {
  if (shape.every_step) rest.insert(rest.begin(), shape.steps);
  return rest;
}

std::size_t size_of(std::int64_t count) {
  return static_cast<std::size_t>(count);
}

}  // namespace

RunOutput::RunOutput(const std::filesystem::path& folder, const Hyperparameters& model, const RunOutputShape& shape)
    : folder_(folder),
      shape_(shape),
      seq_len_(model.seq_len),
      vocab_size_(model.vocab_size),
      q_outputs_(family(model.family).q_outputs),
      logits_(folder / "logits.npy", with_steps(shape, {shape.batch, model.seq_len, model.vocab_size})),
      predictions_(size_of(shape.batch * model.seq_len)),
      q_(size_of((shape.every_step ? shape.steps : 1) * shape.batch * q_outputs_)),
      steps_(size_of(shape.batch)) {
  if (!shape.latents) return;
  const Family& the_family = family(model.family);
  const std::size_t high = z_high_count(the_family), low = the_family.initial_latents.size() - high;
  std::vector<std::int64_t> latent{2, shape.batch, model.tokens(), model.hidden_size};
  if (high > 0) z_high_.emplace(folder / "z_high.npy", latent);
  if (low > 1) latent.insert(latent.begin() + 2, static_cast<std::int64_t>(low));
  if (low > 0) z_low_.emplace(folder / "z_low.npy", latent);
}

void RunOutput::take(const StepResult& result) {
  if (shape_.latents) take_latents(result);
  if (!shape_.every_step && !result.last) return;
  const auto sample = static_cast<std::int64_t>(result.sample);
  const std::int64_t first = shape_.every_step ? result.step - 1 : 0;
  const std::int64_t after = shape_.every_step && result.last ? shape_.steps : first + 1;
  for (std::int64_t step = first; step < after; ++step) {
    const std::int64_t row = step * shape_.batch + sample;
    logits_.write(row * seq_len_ * vocab_size_, result.logits);
    q_[size_of(q_outputs_ * row)] = result.q_halt;
    if (q_outputs_ > 1) q_[size_of(q_outputs_ * row + 1)] = result.q_continue;
  }
  if (!result.last) return;
  argmax(result.logits, vocab_size_,
         std::span(predictions_).subspan(result.sample * size_of(seq_len_), size_of(seq_len_)));
  steps_[result.sample] = static_cast<std::int32_t>(result.step);
}

void RunOutput::take_latents(const StepResult& result) {
  const auto sample = static_cast<std::int64_t>(result.sample);
  const auto write = [&](NpyStream& stream, std::span<const float> latent) {
    const auto size = static_cast<std::int64_t>(latent.size());
    if (result.step == 1) stream.write(sample * size, latent);
    if (result.last) stream.write((shape_.batch + sample) * size, latent);
  };
  if (z_high_) write(*z_high_, result.z_high);
  if (z_low_) write(*z_low_, result.z_low);
}

std::size_t RunOutput::finish() {
  logits_.commit();
  if (z_high_) z_high_->commit();
  if (z_low_) z_low_->commit();
  const std::vector<std::int64_t> cells{shape_.batch, seq_len_};
  const std::vector<std::int64_t> batch{shape_.batch};
  write_npy<std::int32_t>(folder_ / "predictions.npy", cells, predictions_);
  write_npy<float>(folder_ / "q.npy", with_steps(shape_, {shape_.batch, q_outputs_}), q_);
  write_npy<std::int32_t>(folder_ / "steps.npy", batch, steps_);
  return static_cast<std::size_t>(std::count_if(steps_.begin(), steps_.end(), [](std::int32_t s) { return s > 0; }));
}

}  // namespace trm
