#include "runtime/mamba2.hpp"

#include <algorithm>

#include "runtime/linear.hpp"

namespace trm {

Mamba2State take_mamba2_state(Arena& arena, const Mamba2& mamba, std::int64_t tokens) {
  const auto take = [&](std::int64_t cols) {
    return MatrixView<float>(arena.take<float>(tokens * cols), tokens, cols);
  };
  Mamba2State state;
  state.projected = take(mamba.in_proj.n);
  state.mixed = take(mamba.channels());
  state.step = take(mamba.heads);
  state.decay = take(mamba.heads);
  state.y = take(mamba.inner());
  return state;
}

void project(const KernelSet& kernels, const Mamba2& mamba, const Scratch& scratch, MatrixView<const float> rows,
             std::int64_t first, const Mamba2State& state) {
  linear(kernels, scratch, rows, {.b = &mamba.in_proj, .out = state.projected.block(first, rows.rows)});
}

void convolve(const KernelSet& kernels, const Mamba2& mamba, std::int64_t first, std::int64_t count,
              const Mamba2State& state) {
  const std::int64_t history = std::min(first, mamba.convolution.rows - 1);
  const auto in = as_const(state.projected.block(first - history, history + count));
  kernels.convolve(in.columns(mamba.inner(), mamba.channels()), mamba.convolution, mamba.convolution_bias,
                   state.mixed.block(first, count));
  const std::int64_t steps = mamba.inner() + mamba.channels();  // column of the first head's step size
  kernels.step_sizes(as_const(state.projected.block(first, count)).columns(steps, mamba.heads), mamba.step_bias,
                     mamba.rate, state.step.block(first, count), state.decay.block(first, count));
}

void scan(const KernelSet& kernels, const Mamba2& mamba, std::int64_t first, std::int64_t count, const Scratch& scratch,
          const Mamba2State& state) {
  const std::int64_t group = first / mamba.heads_of_group();
  const std::int64_t b = mamba.inner() + group * mamba.d_state;
  const std::int64_t c = b + mamba.groups * mamba.d_state;
  const auto mixed = as_const(state.mixed);
  kernels.scan({.x = mixed.columns(first * mamba.head_dim, count * mamba.head_dim),
                .b = mixed.columns(b, mamba.d_state),
                .c = mixed.columns(c, mamba.d_state),
                .step = as_const(state.step).columns(first, count),
                .decay = as_const(state.decay).columns(first, count),
                .skip = mamba.skip + first,
                .scratch = scratch.scan,
                .y = state.y.columns(first * mamba.head_dim, count * mamba.head_dim)});
}

void finish(const KernelSet& kernels, const Mamba2& mamba, float eps, const Scratch& scratch, MatrixView<float> rows,
            std::int64_t first, const Mamba2State& state) {
  const MatrixView<float> gated(scratch.wide, rows.rows, mamba.inner());
  kernels.gated_rms_norm(as_const(state.y.block(first, rows.rows)),
                         as_const(state.projected.block(first, rows.rows).columns(0, mamba.inner())), mamba.gain, eps,
                         gated);
  linear(kernels, scratch, as_const(gated),
         {.b = &mamba.out_proj, .out = rows, .residual = as_const(rows), .epilogue = Epilogue::add});
  kernels.rms_norm(rows, eps);
}

}  // namespace trm
