#include "runtime/network.hpp"

#include <algorithm>
#include <array>

#include "runtime/kernels/scan_layout.hpp"
#include "runtime/linear.hpp"

namespace trm {
namespace {

// rows <- rms_norm(rows + swiglu(rows)), [rows, n]
void swiglu_half(const KernelSet& kernels, const SwigluWeights& weights, float eps, const Scratch& scratch,
                 MatrixView<float> rows) {
  const MatrixView<float> units(scratch.wide, rows.rows, weights.down.k);
  linear(kernels, scratch, as_const(rows), {.b = &weights.gate_up, .out = units, .epilogue = Epilogue::swiglu});
  linear(kernels, scratch, as_const(units),
         {.b = &weights.down, .out = rows, .residual = as_const(rows), .epilogue = Epilogue::add});
  kernels.rms_norm(rows, eps);
}

// Queries, keys and values of a block of tokens, for layer `l`.
void project_qkv(const KernelSet& kernels, const Network& network, std::size_t l, const Scratch& scratch,
                 MatrixView<const float> rows, std::int64_t first, const MixerState& state) {
  const Layer& layer = network.layers[l];
  const MatrixView<float> qkv(scratch.wide, rows.rows, layer.qkv.n);
  linear(kernels, scratch, rows, {.b = &layer.qkv, .out = qkv});
  if (layer.qkv.type == WeightType::int8) {
    store_queries_keys_values(kernels, network.attention, network.rotary, qkv, first, state.int8, l % 2, scratch);
  } else {
    store_queries_keys_values(kernels, network.attention, network.rotary, qkv, first, state.f32, l % 2);
  }
}

// rows <- rms_norm(rows + o(attention(rows))), [rows, D], in layer `l`.
void attention_half(const KernelSet& kernels, const Network& network, std::size_t l, const Scratch& scratch,
                    MatrixView<float> rows, std::int64_t first, const MixerState& state) {
  const Layer& layer = network.layers[l];
  const MatrixView<float> mixed(scratch.mixed, rows.rows, network.attention.width());
  if (layer.qkv.type == WeightType::int8) {
    attend(kernels, network.attention, first, state.int8, l % 2, scratch, mixed);
  } else {
    attend(kernels, network.attention, first, state.f32, l % 2, scratch, mixed);
  }
  linear(kernels, scratch, as_const(mixed),
         {.b = &layer.o, .out = rows, .residual = as_const(rows), .epilogue = Epilogue::add});
  kernels.rms_norm(rows, network.rms_norm_eps);
}

// The token half of a block of channels: columns of h become rows, [channels, T], and return.
void token_half(const KernelSet& kernels, const Layer& layer, float eps, const Scratch& scratch,
                MatrixView<float> columns) {
  const MatrixView<float> rows(scratch.mixed, columns.cols, columns.rows, row_distance(columns.rows));
  kernels.transpose(as_const(columns), rows);
  swiglu_half(kernels, layer.token_mlp, eps, scratch, rows);
  kernels.transpose(as_const(rows), columns);
}

// rows += the injections' same rows.
void inject(const KernelSet& kernels, MatrixView<float> rows, std::int64_t first,
            std::span<const MatrixView<const float>> injections) {
  std::array<MatrixView<const float>, max_injections> parts;
  for (std::size_t i = 0; i < injections.size(); ++i) parts[i] = injections[i].block(first, rows.rows);
  kernels.add(rows, std::span(parts).first(injections.size()));
}

// The first projection of a layer: for its first Mamba-2 sub-layer, or for attention where it has none.
void begin_layer(const KernelSet& kernels, const Network& network, std::size_t l, const Scratch& scratch,
                 MatrixView<const float> rows, std::int64_t first, const MixerState& state) {
  if (network.layers[l].mamba.empty()) return project_qkv(kernels, network, l, scratch, rows, first, state);
  project(kernels, network.layers[l].mamba.front(), scratch, rows, first, state.mamba);
}

// A Mamba-2 sub-layer between its projections: a phase that convolves blocks of tokens, then one that scans heads.
void mix_by_mamba(Team& team, const KernelSet& kernels, const Mamba2& mamba, const Blocks& tokens,
                  const Scratch& scratch, const Mamba2State& state) {
  team.for_blocks(tokens.count, [&](std::int64_t block) {
    convolve(kernels, mamba, tokens.begin(block), tokens.size(block), state);
  });
  const auto heads = Blocks::split(mamba.heads_of_group(), heads_scanned_together, team.size());
  team.for_blocks(mamba.groups * heads.count, [&](std::int64_t i) {
    const std::int64_t group = i / heads.count, block = i % heads.count;
    const std::int64_t first = group * mamba.heads_of_group() + heads.begin(block);
    scan(kernels, mamba, first, heads.size(block), scratch, state);
  });
}

// Attention layers: a phase that projects, then a phase a layer that attends, mixes and projects for the next; before
// it those of the layer's Mamba-2 sub-layers. Each projection is made while the block is at hand.
void attention_layers(Team& team, const KernelSet& kernels, const Network& network, const Scratch& scratch,
                      const MixerState& state, MatrixView<float> h,
                      std::span<const MatrixView<const float>> injections) {
  const auto blocks = Blocks::split(h.rows, largest_block, team.size(), kernels.tile_rows);
  const float eps = network.rms_norm_eps;
  const auto for_rows = [&](auto&& body) {  // body(rows, first)
    team.for_blocks(blocks.count, [&](std::int64_t block) {
      const std::int64_t first = blocks.begin(block);
      body(h.block(first, blocks.size(block)), first);
    });
  };
  for_rows([&](MatrixView<float> rows, std::int64_t first) {
    inject(kernels, rows, first, injections);
    begin_layer(kernels, network, 0, scratch, as_const(rows), first, state);
  });
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    for (std::size_t m = 0; m < layer.mamba.size(); ++m) {
      const Mamba2& mamba = layer.mamba[m];
      mix_by_mamba(team, kernels, mamba, blocks, scratch, state.mamba);
      for_rows([&](MatrixView<float> rows, std::int64_t first) {
        finish(kernels, mamba, eps, scratch, rows, first, state.mamba);
        if (m + 1 < layer.mamba.size()) {
          project(kernels, layer.mamba[m + 1], scratch, as_const(rows), first, state.mamba);
        } else {
          project_qkv(kernels, network, l, scratch, as_const(rows), first, state);
        }
      });
    }
    for_rows([&](MatrixView<float> rows, std::int64_t first) {
      attention_half(kernels, network, l, scratch, rows, first, state);
      swiglu_half(kernels, layer.mlp, eps, scratch, rows);
      if (l + 1 < network.layers.size()) begin_layer(kernels, network, l + 1, scratch, as_const(rows), first, state);
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

ScratchSizes scratch_sizes(const KernelSet& kernels, const Network& network) {
  ScratchSizes sizes;
  for (const Layer& layer : network.layers) {
    sizes.wide = std::max({sizes.wide, layer.qkv.n, layer.token_mlp.down.k, layer.mlp.down.k});
    sizes.mixed = std::max({sizes.mixed, network.hidden_size, layer.o.k, layer.token_mlp.down.n});
    sizes.quantizes = sizes.quantizes || layer.mlp.down.type == WeightType::int8;
    if (!layer.mixes_by_mlp) sizes.tokens = network.attention.tokens;
    for (const Mamba2& mamba : layer.mamba) {
      sizes.wide = std::max(sizes.wide, mamba.inner());
      const std::int64_t heads = std::min(mamba.heads_of_group(), heads_scanned_together);
      sizes.scan = std::max(sizes.scan, scan_scratch(kernels, heads, mamba.head_dim, mamba.d_state));
    }
  }
  return sizes;
}

}  // namespace

MixerState take_mixer_state(Arena& arena, const KernelSet& kernels, const Network& network) {
  const Layer& layer = network.layers.front();
  MixerState state;
  if (!layer.mamba.empty()) state.mamba = take_mamba2_state(arena, layer.mamba.front(), network.attention.tokens);
  if (layer.mixes_by_mlp) return state;
  if (layer.qkv.type == WeightType::int8) {
    state.int8 = take_attention_state_int8(arena, kernels, network.attention);
  } else {
    state.f32 = take_attention_state_f32(arena, kernels, network.attention);
  }
  return state;
}

Scratch take_scratch(Arena& arena, const KernelSet& kernels, std::span<const Network* const> networks) {
  ScratchSizes sizes;
  for (const Network* network : networks) sizes = larger(sizes, scratch_sizes(kernels, *network));
  return take_scratch(arena, kernels, sizes);
}

void network_pass(Team& team, const KernelSet& kernels, const Network& network, const Scratch& scratch,
                  const MixerState& state, MatrixView<float> h, std::span<const MatrixView<const float>> injections) {
  if (network.layers.front().mixes_by_mlp) {
    mlp_layers(team, kernels, network, scratch, h, injections);
  } else {
    attention_layers(team, kernels, network, scratch, state, h, injections);
  }
}

}  // namespace trm
