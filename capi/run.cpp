// trm_run: samples in, the caller's arrays out.

#include <atomic>
#include <cstdint>

#include "capi/batch.hpp"
#include "capi/call.hpp"
#include "capi/guard.hpp"
#include "capi/halting.hpp"
#include "capi/handles.hpp"

namespace trm::capi {
namespace {

NoiseLatent latent_of(int latent) {
  switch (latent) {
    case TRM_NOISE_DEFAULT:
      return NoiseLatent::available;
    case TRM_NOISE_LOW:
      return NoiseLatent::low;
    case TRM_NOISE_HIGH:
      return NoiseLatent::high;
    case TRM_NOISE_BOTH:
      return NoiseLatent::both;
    default:
      refuse("noise_latent", std::to_string(latent) + " is no trm_noise_latent");
  }
}

RunOptions options_of(const trm_run_options& given) {
  RunOptions run;
  run.steps = given.steps;
  set_halting(given.halt, given.halt_margin, run);
  run.every_step = given.on_step != nullptr;
  run.noise = given.noise;
  run.noise_latent = latent_of(number_of(given.noise_latent));
  run.seed = given.seed;
  return run;
}

trm_step step_of(const StepResult& result) {
  const auto pointer = [](std::span<const float> values) { return values.empty() ? nullptr : values.data(); };
  return {.size = sizeof(trm_step),
          .sample = result.sample,
          .step = result.step,
          .last = result.last ? 1 : 0,
          .halted = result.halted ? 1 : 0,
          .q_halt = result.q_halt,
          .q_continue = result.q_continue,
          .logits = pointer(result.logits),
          .z_high = pointer(result.z_high),
          .z_low = pointer(result.z_low)};
}

// Row `index` of an array [B, ...] whose rows are as long as `row`.
void write_row(float* array, std::size_t index, std::span<const float> row) {
  if (array != nullptr) std::copy(row.begin(), row.end(), array + index * row.size());
}

// A sample's last step goes to the caller's arrays. From several threads at once, for different samples.
void write_results(const trm_results& out, const Hyperparameters& h, const StepResult& result) {
  if (out.predictions != nullptr) {
    const auto cells = static_cast<std::size_t>(h.seq_len);
    argmax(result.logits, h.vocab_size, {out.predictions + result.sample * cells, cells});
  }
  write_value(out.q_halt, result.sample, result.q_halt);
  write_value(out.q_continue, result.sample, result.q_continue);
  write_value(out.steps, result.sample, result.step);
  write_value(out.halted, result.sample, static_cast<std::uint8_t>(result.halted ? 1 : 0));
  write_row(out.logits, result.sample, result.logits);
  write_row(out.z_high, result.sample, result.z_high);
  write_row(out.z_low, result.sample, result.z_low);
}

}  // namespace
}  // namespace trm::capi

int trm_cancel_flag(void* context) {
  if (context == nullptr) return 0;
  return std::atomic_ref(*static_cast<std::int32_t*>(context)).load(std::memory_order_relaxed);
}

trm_status trm_run(trm_session* session, const trm_batch* batch, const trm_run_options* options,
                   const trm_results* results, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    trm_session& own = required(session, "session");
    const trm::Caller only(own.caller);  // buffers are for one call at a time
    const trm_run_options given = read_struct(options, "options");
    const trm_results out = read_struct(results, "results");
    const trm::RunOptions run_options = options_of(given);
    const auto samples = read_batch(own, batch, "batch");
    const trm::Hyperparameters& h = own.model.model.hyperparameters();
    Callbacks callbacks(given.cancel, given.context);
    own.session.run(
        samples, run_options,
        [&](const trm::StepResult& result) {
          if (result.last) write_results(out, h, result);
          const trm_step step = step_of(result);
          callbacks.tell(given.on_step, &step);
          callbacks.throw_if_stopped();
        },
        [&] { return callbacks.cancelled(); });
    callbacks.throw_if_stopped();
  });
}
