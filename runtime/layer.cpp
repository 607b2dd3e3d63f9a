#include "runtime/layer.hpp"

#include <algorithm>
#include <array>

#include "runtime/linear.hpp"

namespace trm {
namespace {

void trace(const PassContext& c, std::size_t layer, const char* module, MatrixView<float> rows, std::int64_t first) {
  if (c.trace != nullptr) (*c.trace)("layers." + std::to_string(layer) + module, as_const(rows), first);
}
void trace_mamba2(const PassContext& c, std::size_t layer, std::size_t index, const char* module,
                  MatrixView<float> rows, std::int64_t first) {
  if (c.trace != nullptr) trace(c, layer, (".mamba." + std::to_string(index) + module).c_str(), rows, first);
}

// Rows of a sub-layer's branch, in the scratch. Used where the sub-layer has scales or does not normalise last.
MatrixView<float> branch_rows(const Scratch& scratch, MatrixView<float> rows) {
  return {scratch.branch, rows.rows, rows.cols, row_stride(rows.cols)};
}

// What the branch of a sub-layer reads: the rows, or a normalised copy of them.
MatrixView<float> branch_input(const PassContext& c, const Scratch& scratch, MatrixView<float> rows) {
  if (c.network.norm_order == NormOrder::post) return rows;
  const auto copy = branch_rows(scratch, rows);
  for (std::int64_t r = 0; r < rows.rows; ++r) std::copy_n(rows.row(r), rows.cols, copy.row(r));
  c.kernels.rms_norm(copy, c.network.rms_norm_eps);
  return copy;
}

// Ends a sub-layer with scales, in the order of norms of the network (NormOrder). scales() gives those of the rows,
// once `in` is no longer needed.
template <class Scales>
void scale_and_add(const PassContext& c, const Scratch& scratch, MatrixView<float> in, const PackedMatrix& w,
                   MatrixView<float> rows, Scales&& scales) {
  const auto branch = branch_rows(scratch, rows);
  linear(c.kernels, scratch, as_const(in), {.b = &w, .out = branch});
  if (c.network.norm_order == NormOrder::peri) c.kernels.rms_norm(branch, c.network.rms_norm_eps);
  const ResidualScales of_rows = scales();
  for (std::int64_t r = 0; r < rows.rows; ++r) {
    const std::array<const float*, 2> terms = {rows.row(r), branch.row(r)};
    const std::array<const float*, 2> factors = {of_rows.keep.row(r), of_rows.take.row(r)};
    c.kernels.weighted_sum({terms, factors}, rows.row(r), rows.cols);
  }
  if (c.network.norm_order == NormOrder::post) c.kernels.rms_norm(rows, c.network.rms_norm_eps);
}

// Ends a sub-layer of the tokens from `first` on: rows <- rms_norm(rows + in W^T), or with scales and in another order
// (NormOrder).
void finish_sublayer(const PassContext& c, const Scratch& scratch, MatrixView<float> in, const PackedMatrix& w,
                     std::int64_t first, MatrixView<float> rows) {
  const ResidualScales& residual = c.state.residual;
  if (residual.keep.data != nullptr) {
    return scale_and_add(c, scratch, in, w, rows, [&] {
      return ResidualScales{residual.keep.block(first, rows.rows), residual.take.block(first, rows.rows)};
    });
  }
  linear(c.kernels, scratch, as_const(in),
         {.b = &w, .out = rows, .residual = as_const(rows), .epilogue = Epilogue::add});
  c.kernels.rms_norm(rows, c.network.rms_norm_eps);
}

// The same of a SwiGLU over the tokens: rows are channels [channels, T], from `first` on. The factors of a channel are
// columns of the scales; they are transposed into the scratch, where the hidden units are no longer needed.
void finish_token_mlp(const PassContext& c, const Scratch& scratch, MatrixView<float> units, const PackedMatrix& w,
                      std::int64_t first, MatrixView<float> rows) {
  const ResidualScales& residual = c.state.residual;
  if (residual.keep.data == nullptr) return finish_sublayer(c, scratch, units, w, first, rows);
  scale_and_add(c, scratch, units, w, rows, [&] {
    const MatrixView<float> keep(scratch.wide, rows.rows, rows.cols);
    const MatrixView<float> take(keep.row(rows.rows), rows.rows, rows.cols);
    c.kernels.transpose(residual.keep.columns(first, rows.rows), keep);
    c.kernels.transpose(residual.take.columns(first, rows.rows), take);
    return ResidualScales{as_const(keep), as_const(take)};
  });
}

// The hidden units of a SwiGLU: silu(gate) * up, [rows, I], in the scratch.
MatrixView<float> swiglu_units(const PassContext& c, const Scratch& scratch, const SwigluWeights& weights,
                               MatrixView<float> rows) {
  const MatrixView<float> units(scratch.wide, rows.rows, weights.down.k);
  linear(c.kernels, scratch, as_const(rows), {.b = &weights.gate_up, .out = units, .epilogue = Epilogue::swiglu});
  return units;
}

// units[rows, I] = silu(causal convolution of the gated units) of the tokens from `first` on.
void convolve_after_gate(const PassContext& c, const Convolution& convolution, std::int64_t first,
                         MatrixView<float> units) {
  const std::int64_t history = std::min(first, convolution.taps.rows - 1);
  c.kernels.convolve(as_const(c.state.units).block(first - history, history + units.rows), convolution.taps,
                     convolution.bias, units);
}

// units[rows, I] = silu(gate') up' of the tokens from `first` on. The prefix may be exempt from the convolution.
void convolve_before_gate(const PassContext& c, const Convolution& convolution, std::int64_t first,
                          MatrixView<float> units) {
  const Stencil& stencil = c.network.mlp_stencil;
  const auto all = as_const(c.state.units);
  for (std::int64_t r = 0; r < units.rows; ++r) {
    if (first + r < stencil.first) {
      const std::array rows = {all.row(first + r)};
      const std::array<const float*, 1> ones = {convolution.ones};
      c.kernels.weighted_swiglu({rows, ones}, units.row(r), units.cols);
    } else {
      const TapRows taps(convolution, stencil, all, first + r);
      c.kernels.weighted_swiglu(taps.view(), units.row(r), units.cols);
    }
  }
}

}  // namespace

void project_qkv(const PassContext& c, std::size_t l, const TokenBlock& block) {
  const Layer& layer = c.network.layers[l];
  const MatrixView<float> qkv(block.scratch.wide, block.rows.rows, layer.qkv.n);
  const auto in = branch_input(c, block.scratch, block.rows);
  trace(c, l, ".self_attn.input", in, block.first);
  linear(c.kernels, block.scratch, as_const(in), {.b = &layer.qkv, .out = qkv});
  trace(c, l, ".self_attn.qkv_proj", qkv, block.first);
  store_queries_keys_values(c.state.attention, l, c.network.rotary, qkv, block.first, block.scratch);
}

void attention_sublayer(const PassContext& c, std::size_t l, const TokenBlock& block) {
  const MatrixView<float> mixed(block.scratch.mixed, block.rows.rows, c.network.attention.width());
  attend(c.state.attention, l, block.first, block.scratch, mixed);
  trace(c, l, ".self_attn.o_proj.input", mixed, block.first);
  finish_sublayer(c, block.scratch, mixed, c.network.layers[l].o, block.first, block.rows);
}

void token_mlp_sublayer(const PassContext& c, std::size_t l, const ChannelBlock& block) {
  const SwigluWeights& weights = c.network.layers[l].token_mlp;
  const auto& [columns, first, scratch] = block;
  const MatrixView<float> rows(scratch.mixed, columns.cols, columns.rows, row_stride(columns.rows));
  c.kernels.transpose(as_const(columns), rows);
  const auto in = branch_input(c, scratch, rows);
  trace(c, l, ".mlp_t.input", in, first);
  const auto units = swiglu_units(c, scratch, weights, in);
  trace(c, l, ".mlp_t.down_proj.input", units, first);
  finish_token_mlp(c, scratch, units, weights.down, first, rows);
  c.kernels.transpose(as_const(rows), columns);
}

void mlp_sublayer(const PassContext& c, std::size_t l, const TokenBlock& block) {
  const SwigluWeights& weights = c.network.layers[l].mlp;
  const auto in = branch_input(c, block.scratch, block.rows);
  trace(c, l, ".mlp.input", in, block.first);
  const auto units = swiglu_units(c, block.scratch, weights, in);
  trace(c, l, ".mlp.down_proj.input", units, block.first);
  finish_sublayer(c, block.scratch, units, weights.down, block.first, block.rows);
  trace(c, l, "", block.rows, block.first);
}

void hidden_units(const PassContext& c, std::size_t l, const TokenBlock& block) {
  const bool gated = c.network.mlp_convolution == MlpConvolution::after_gate;
  const auto in = branch_input(c, block.scratch, block.rows);
  trace(c, l, ".mlp.input", in, block.first);
  linear(c.kernels, block.scratch, as_const(in),
         {.b = &c.network.layers[l].mlp.gate_up,
          .out = c.state.units.block(block.first, block.rows.rows),
          .epilogue = gated ? Epilogue::swiglu : Epilogue::store});
}

void convolved_mlp_sublayer(const PassContext& c, std::size_t l, const TokenBlock& block) {
  const Layer& layer = c.network.layers[l];
  const MatrixView<float> units(block.scratch.wide, block.rows.rows, layer.mlp.down.k);
  if (c.network.mlp_convolution == MlpConvolution::after_gate) {
    convolve_after_gate(c, layer.convolution, block.first, units);
  } else {
    convolve_before_gate(c, layer.convolution, block.first, units);
  }
  trace(c, l, ".mlp.down_proj.input", units, block.first);
  finish_sublayer(c, block.scratch, units, layer.mlp.down, block.first, block.rows);
  trace(c, l, "", block.rows, block.first);
}

void project_mamba2(const PassContext& c, std::size_t l, std::size_t index, const TokenBlock& block) {
  trace_mamba2(c, l, index, ".input", block.rows, block.first);
  const auto projected = mamba2::project(c.kernels, c.network.layers[l].mamba[index], block.scratch,
                                         as_const(block.rows), block.first, c.state.mamba);
  trace_mamba2(c, l, index, ".in_proj", projected, block.first);
}

void mamba2_mix(const PassContext& c, std::size_t l, std::size_t index, const Blocks& tokens) {
  const Mamba2& mamba = c.network.layers[l].mamba[index];
  c.team.for_blocks(tokens.count, [&](std::int64_t block, int) {
    mamba2::convolve(c.kernels, mamba, tokens.begin(block), tokens.size(block), c.state.mamba);
  });
  const auto heads = Blocks::split(mamba.heads_of_group(), max_scan_heads, c.team.active());
  c.team.for_blocks(mamba.groups * heads.count, [&](std::int64_t i, int member) {
    const std::int64_t group = i / heads.count, block = i % heads.count;
    const std::int64_t first = group * mamba.heads_of_group() + heads.begin(block);
    mamba2::scan(c.kernels, mamba, first, heads.size(block), c.scratch_of(member), c.state.mamba);
  });
}

void mamba2_sublayer(const PassContext& c, std::size_t l, std::size_t index, const TokenBlock& block) {
  const Mamba2& mamba = c.network.layers[l].mamba[index];
  const auto gated = mamba2::gate(c.kernels, mamba, c.network.rms_norm_eps, block.first, block.rows.rows, block.scratch,
                                  c.state.mamba);
  trace_mamba2(c, l, index, ".out_proj.input", gated, block.first);
  finish_sublayer(c, block.scratch, gated, mamba.out_proj, block.first, block.rows);
}

}  // namespace trm
