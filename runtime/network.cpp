#include "runtime/network.hpp"

#include <algorithm>
#include <array>

namespace trm {
namespace {

// rows <- rms_norm(rows + swiglu(rows)), [rows, n]
void swiglu_half(const KernelSet& kernels, const SwigluWeights& weights, float eps, const Scratch& scratch,
                 MatrixView<float> rows) {
  const MatrixView<float> units(scratch.wide, rows.rows, weights.down.k);
  kernels.matmul_f32({.a = as_const(rows), .b = &weights.gate_up, .out = units, .epilogue = Epilogue::swiglu});
  kernels.matmul_f32(
      {.a = as_const(units), .b = &weights.down, .out = rows, .residual = as_const(rows), .epilogue = Epilogue::add});
  kernels.rms_norm(rows, eps);
}

// Queries, keys and values of a block of tokens.
void project_qkv(const KernelSet& kernels, const Network& network, const Layer& layer, const Scratch& scratch,
                 MatrixView<const float> rows, std::int64_t first, const AttentionState& attention,
                 const KeyValues& key_values) {
  const MatrixView<float> qkv(scratch.wide, rows.rows, layer.qkv.n);
  kernels.matmul_f32({.a = rows, .b = &layer.qkv, .out = qkv});
  store_queries_keys_values(kernels, network.attention, network.rotary, qkv, first, attention.queries, key_values);
}

// rows <- rms_norm(rows + o(attention(rows))), [rows, D]
void attention_half(const KernelSet& kernels, const Network& network, const Layer& layer, const Scratch& scratch,
                    MatrixView<float> rows, std::int64_t first, const AttentionState& attention,
                    const KeyValues& key_values) {
  const MatrixView<float> mixed(scratch.mixed, rows.rows, network.attention.width());
  attend(kernels, network.attention, as_const(attention.queries.block(first, rows.rows)), key_values, scratch, mixed);
  kernels.matmul_f32(
      {.a = as_const(mixed), .b = &layer.o, .out = rows, .residual = as_const(rows), .epilogue = Epilogue::add});
  kernels.rms_norm(rows, network.rms_norm_eps);
}

void transpose(MatrixView<const float> in, MatrixView<float> out) {
  constexpr std::int64_t tile = 16;  // a cache line of either side
  for (std::int64_t r0 = 0; r0 < in.rows; r0 += tile)
    for (std::int64_t c0 = 0; c0 < in.cols; c0 += tile)
      for (std::int64_t c = c0; c < std::min(c0 + tile, in.cols); ++c)
        for (std::int64_t r = r0; r < std::min(r0 + tile, in.rows); ++r) out.row(c)[r] = in.row(r)[c];
}

// The token half of a block of channels: columns of h become rows, [channels, T], and return.
void token_half(const KernelSet& kernels, const Layer& layer, float eps, const Scratch& scratch,
                MatrixView<float> columns) {
  const MatrixView<float> rows(scratch.mixed, columns.cols, columns.rows);
  transpose(as_const(columns), rows);
  swiglu_half(kernels, layer.token_mlp, eps, scratch, rows);
  transpose(as_const(rows), columns);
}

// Attention layers: a phase that projects, then a phase a layer that attends, mixes and projects for the next.
void attention_layers(Team& team, const KernelSet& kernels, const Network& network, const Scratch& scratch,
                      const AttentionState& attention, MatrixView<float> h,
                      std::span<const MatrixView<const float>> injections) {
  const auto blocks = Blocks::split(h.rows, largest_block, team.size());
  team.for_blocks(blocks.count, [&](std::int64_t block) {
    const std::int64_t first = blocks.begin(block);
    const auto rows = h.block(first, blocks.size(block));
    std::array<MatrixView<const float>, max_injections> parts;
    for (std::size_t i = 0; i < injections.size(); ++i) parts[i] = injections[i].block(first, rows.rows);
    kernels.add(rows, std::span(parts).first(injections.size()));
    project_qkv(kernels, network, network.layers[0], scratch, as_const(rows), first, attention,
                attention.key_values[0]);
  });
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    team.for_blocks(blocks.count, [&](std::int64_t block) {
      const std::int64_t first = blocks.begin(block);
      const auto rows = h.block(first, blocks.size(block));
      attention_half(kernels, network, layer, scratch, rows, first, attention, attention.key_values[l % 2]);
      swiglu_half(kernels, layer.mlp, network.rms_norm_eps, scratch, rows);
      if (l + 1 < network.layers.size()) {
        project_qkv(kernels, network, network.layers[l + 1], scratch, as_const(rows), first, attention,
                    attention.key_values[(l + 1) % 2]);
      }
    });
  }
}

// Token-MLP layers: a phase over blocks of channels, then one over blocks of tokens.
void mlp_layers(Team& team, const KernelSet& kernels, const Network& network, const Scratch& scratch,
                MatrixView<float> h, std::span<const MatrixView<const float>> injections) {
  const auto channels = Blocks::split(h.cols, largest_block, team.size());
  const auto tokens = Blocks::split(h.rows, largest_block, team.size());
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    team.for_blocks(channels.count, [&](std::int64_t block) {
      const std::int64_t first = channels.begin(block);
      const auto columns = h.columns(first, channels.size(block));
      if (l == 0) {
        std::array<MatrixView<const float>, max_injections> parts;
        for (std::size_t i = 0; i < injections.size(); ++i) parts[i] = injections[i].columns(first, columns.cols);
        kernels.add(columns, std::span(parts).first(injections.size()));
      }
      token_half(kernels, layer, network.rms_norm_eps, scratch, columns);
    });
    team.for_blocks(tokens.count, [&](std::int64_t block) {
      swiglu_half(kernels, layer.mlp, network.rms_norm_eps, scratch, h.block(tokens.begin(block), tokens.size(block)));
    });
  }
}

}  // namespace

Scratch take_scratch(Arena& arena, const KernelSet& kernels, const Network& network) {
  std::int64_t wide = 0;
  std::int64_t mixed = 0;
  for (const Layer& layer : network.layers) {
    wide = std::max({wide, layer.qkv.n, layer.token_mlp.down.k, layer.mlp.down.k});
    mixed = std::max({mixed, layer.o.k, layer.token_mlp.down.n});
  }
  return take_scratch(arena, kernels, wide, mixed, network.attention.tokens);
}

void network_pass(Team& team, const KernelSet& kernels, const Network& network, const Scratch& scratch,
                  const AttentionState& attention, MatrixView<float> h,
                  std::span<const MatrixView<const float>> injections) {
  if (network.layers.front().mixes_by_mlp) {
    mlp_layers(team, kernels, network, scratch, h, injections);
  } else {
    attention_layers(team, kernels, network, scratch, attention, h, injections);
  }
}

}  // namespace trm
