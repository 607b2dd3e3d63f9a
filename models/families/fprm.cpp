// Fixed-Point Reasoning Model (arXiv 2606.18206): one latent y, iterated until it is a fixed point of the network f. A
// step is one iteration.

#include <algorithm>
#include <array>
#include <atomic>

#include "models/family.hpp"

namespace trm {
namespace {

constexpr std::array fprm_initial_latents = {"L_optimizer.init_vec"};

constexpr auto fprm_start_deviations = std::to_array<double Hyperparameters::*>({&Hyperparameters::l_init_std});

constexpr auto fprm_field_names = std::to_array<FieldName>({
    {"max_iter_eval", "halt_max_steps"},
    {"max_iter", "halt_max_steps"},  // where max_iter_eval is null
    {"init_std", "L_init_std"},
    {"additive_noise_std", "noise_scale"},
    {"", "H_cycles"},
    {"", "L_cycles"},
    {"", "H_layers"},
});

// The older form of the stopping rule counts only changes that shrink by this much as an improvement.
constexpr double least_improvement_of_older_rule = 0.01;
constexpr double least_stepsize = 1e-3;

using Rows = std::array<const float*, 2>;

// The scales of a block of tokens [rows, D], where they depend on the convolved latent h: a2 and b2 in the scratch, a1
// and b1 in the state.
ResidualScales scales_of(const StepContext& c, MatrixView<const float> h, std::int64_t first, const Scratch& scratch) {
  const FixedPointWeights& w = c.weights.fixed_point;
  ResidualScaleTask task{.a2 = {scratch.mixed, h.rows, h.cols},
                         .bias2 = w.entry_bias,
                         .b2 = {scratch.branch, h.rows, h.cols},
                         .branches = 2 * c.hyperparameters.l_layers};
  c.kernels.matmul_f32(h, {.b = &w.entry_scale, .out = task.a2});
  if (c.weights.l_level.residual_by_token) {
    task.a1 = c.state.mixer.keep.block(first, h.rows);
    task.b1 = c.state.mixer.take.block(first, h.rows);
    task.bias1 = w.layer_bias;
    c.kernels.matmul_f32(h, {.b = &w.layer_scale, .out = task.a1});
  }
  c.kernels.residual_scales(task);
  return {as_const(task.a2), as_const(task.b2)};
}

// h <- the convolution of y for the tokens from `first` on; the prefix stays as it is.
void convolve_cells(const StepContext& c, std::int64_t first, MatrixView<float> h) {
  const FixedPointWeights& w = c.weights.fixed_point;
  const auto y = as_const(c.state.latent(0));
  for (std::int64_t r = 0; r < h.rows; ++r) {
    if (w.convolution.taps.data == nullptr || first + r < w.stencil.first) {
      std::copy_n(y.row(first + r), h.cols, h.row(r));
    } else {
      const TapRows taps(w.convolution, w.stencil, y, first + r);
      c.kernels.weighted_sum(taps.view(), h.row(r), h.cols);
    }
  }
}

// The input embedding of a block of tokens, normalised if the model says so: then in the scratch.
MatrixView<const float> injection_of(const StepContext& c, std::int64_t first, std::int64_t rows,
                                     const Scratch& scratch) {
  const auto x = c.state.input_embedding.block(first, rows);
  if (!c.hyperparameters.normalize_input_injection) return as_const(x);
  const MatrixView<float> copy(scratch.wide, rows, x.cols);
  std::copy_n(x.data, rows * x.cols, copy.data);
  c.kernels.rms_norm(copy, c.weights.l_level.rms_norm_eps);
  return as_const(copy);
}

// What the layers begin with: work <- a2 conv(y) + b2 x.
void enter_pass(const StepContext& c) {
  const auto work = c.state.work;
  const auto blocks = Blocks::split(work.rows, largest_block, c.team.active());
  c.team.for_blocks(blocks.count, [&](std::int64_t block, int member) {
    const Scratch& scratch = c.scratch[static_cast<std::size_t>(member)];
    const std::int64_t first = blocks.begin(block);
    const auto h = work.block(first, blocks.size(block));
    convolve_cells(c, first, h);
    const auto& w = c.weights.fixed_point;
    const auto scales = w.entry_bias == nullptr ? ResidualScales{w.entry.keep, w.entry.take}
                                                : scales_of(c, as_const(h), first, scratch);
    if (c.hyperparameters.norm_placement == "input") c.kernels.rms_norm(h, c.weights.l_level.rms_norm_eps);
    const auto x = injection_of(c, first, h.rows, scratch);
    for (std::int64_t r = 0; r < h.rows; ++r) {
      const Rows terms = {h.row(r), x.row(r)}, factors = {scales.keep.row(r), scales.take.row(r)};
      c.kernels.weighted_sum({terms, factors}, h.row(r), h.cols);
    }
  });
}

void raise(std::atomic<float>& largest, float value) {
  float seen = largest.load(std::memory_order_relaxed);
  while (!(value <= seen) && !largest.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

// y <- s new + (1 - s) y + noise, where new = work. Returns the largest relative change of a token.
double update(const StepContext& c) {
  const Hyperparameters& h = c.hyperparameters;
  const auto y = c.state.latent(0), work = c.state.work;
  const auto moves = static_cast<float>(c.state.fixed_point.stepsize), stays = 1.0F - moves;
  std::atomic<float> largest{0};
  const auto blocks = Blocks::split(y.rows, largest_block, c.team.active());
  c.team.for_blocks(blocks.count, [&](std::int64_t block, int /*member*/) {
    const std::int64_t first = blocks.begin(block), rows = blocks.size(block);
    if (h.norm_placement == "output") c.kernels.rms_norm(work.block(first, rows), c.weights.l_level.rms_norm_eps);
    for (std::int64_t t = first; t < first + rows; ++t) {
      raise(largest, c.kernels.relative_change(y.row(t), work.row(t), y.cols, static_cast<float>(h.eps)));
      c.kernels.blend(y.row(t), work.row(t), y.cols, stays, moves);
    }
    if (h.noise_scale == 0) return;
    add_noise(c.place, h.noise_scale, {y.row(first), static_cast<std::size_t>(rows * y.cols)},
              static_cast<std::size_t>(first * y.cols), static_cast<std::uint32_t>(DrawUse::first_call));
  });
  return static_cast<double>(largest.load());
}

// The step size decays where the change has not shrunk for some iterations. The sample stops once the change, or the
// step size, is small.
void follow(const Hyperparameters& h, double change, State& state) {
  FixedPointState& progress = state.fixed_point;
  const bool older_rule = h.stepsize_decay > 0;
  if (change < progress.best - (older_rule ? least_improvement_of_older_rule : 0)) {
    progress.best = change;
    progress.patience = h.decay_patience;
  } else {
    --progress.patience;
  }
  if (progress.patience <= 0 && change >= h.fp_thresh) {
    progress.patience = h.decay_patience;
    progress.stepsize *= older_rule ? h.stepsize_decay : h.stepsize_decay_eval;
  }
  state.at_rest = change < h.fp_thresh || progress.stepsize < least_stepsize;
}

void fprm_step(const StepContext& c) {
  enter_pass(c);
  pass(c, c.weights.l_level, c.state.work, {});
  follow(c.hyperparameters, update(c), c.state);
}

}  // namespace

extern const Family fprm_family;
const Family fprm_family = {.name = "fprm",
                            .initial_latents = fprm_initial_latents,
                            .l_level = true,
                            .start_deviations = fprm_start_deviations,
                            .fixed_point = true,
                            .exact_rotary = true,
                            .field_names = fprm_field_names,
                            .step = fprm_step};

}  // namespace trm
