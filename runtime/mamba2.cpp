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
  state.dt = take(mamba.heads);
  state.decay = take(mamba.heads);
  state.y = take(mamba.inner());
  return state;
}

namespace mamba2 {

MatrixView<float> project(const KernelSet& kernels, const Mamba2& mamba, const Scratch& scratch,
                          MatrixView<const float> rows, std::int64_t first, const Mamba2State& state) {
  const auto projected = state.projected.block(first, rows.rows);
  linear(kernels, scratch, rows, {.b = &mamba.in_proj, .out = projected});
  return projected;
}

void convolve(const KernelSet& kernels, const Mamba2& mamba, std::int64_t first, std::int64_t count,
              const Mamba2State& state) {
  const std::int64_t history = std::min(first, mamba.convolution.rows - 1);
  const auto in = as_const(state.projected.block(first - history, history + count));
  kernels.convolve(in.columns(mamba.inner(), mamba.channels()), mamba.convolution, mamba.convolution_bias,
                   state.mixed.block(first, count));
  const std::int64_t dt = mamba.inner() + mamba.channels();  // column of the first head's dt
  kernels.dt_and_decay(as_const(state.projected.block(first, count)).columns(dt, mamba.heads), mamba.dt_bias, mamba.a,
                       state.dt.block(first, count), state.decay.block(first, count));
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
                .dt = as_const(state.dt).columns(first, count),
                .decay = as_const(state.decay).columns(first, count),
                .d = mamba.d + first,
                .scratch = scratch.scan,
                .y = state.y.columns(first * mamba.head_dim, count * mamba.head_dim)});
}

MatrixView<float> gate(const KernelSet& kernels, const Mamba2& mamba, float eps, std::int64_t first, std::int64_t count,
                       const Scratch& scratch, const Mamba2State& state) {
  const MatrixView<float> gated(scratch.wide, count, mamba.inner());
  const auto z = as_const(state.projected.block(first, count).columns(0, mamba.inner()));
  kernels.gated_rms_norm(as_const(state.y.block(first, count)), z, mamba.norm_weight, eps, gated);
  return gated;
}

}  // namespace mamba2
}  // namespace trm
