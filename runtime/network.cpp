#include "runtime/network.hpp"

#include <algorithm>
#include <array>

#include "runtime/kernels/scan_layout.hpp"
#include "runtime/layer.hpp"

namespace trm {
namespace {

using Injections = std::span<const MatrixView<const float>>;

// part += the same part of each injection, which cut(injection) returns.
template <class Cut>
void inject(const KernelSet& kernels, MatrixView<float> part, Injections injections, Cut&& cut) {
  std::array<MatrixView<const float>, max_injections> parts;
  for (std::size_t i = 0; i < injections.size(); ++i) parts[i] = cut(injections[i]);
  kernels.add(part, std::span(parts).first(injections.size()));
}

// A phase: body(TokenBlock) for every block of h, one after the other or at once.
template <class Body>
void for_token_blocks(const PassContext& c, const Blocks& blocks, MatrixView<float> h, Body&& body) {
  c.team.for_blocks(blocks.count, [&](std::int64_t block, int member) {
    const std::int64_t first = blocks.begin(block);
    body(TokenBlock{h.block(first, blocks.size(block)), first, c.scratch_of(member)});
  });
}

// The same for blocks of channels: body(ChannelBlock).
template <class Body>
void for_channel_blocks(const PassContext& c, const Blocks& blocks, MatrixView<float> h, Body&& body) {
  c.team.for_blocks(blocks.count, [&](std::int64_t block, int member) {
    const std::int64_t first = blocks.begin(block);
    body(ChannelBlock{h.columns(first, blocks.size(block)), first, c.scratch_of(member)});
  });
}

// Whether a token's SwiGLU reads hidden units of other tokens, for which all must have computed theirs.
bool convolves(const PassContext& c) {
  return c.network.mlp_convolution != MlpConvolution::none;
}

// An optimisation: the sub-layer that mixes tokens next begins with a projection, which reads no other rows than the
// block's. So whoever has just written the block projects it at once, while it lies in the first cache, instead of in
// a phase of its own: that saves a phase for each sub-layer and reading h once more.
//
// Mixers of layer l are its Mamba-2 sub-layers, then attention; `mixer` counts them. Beyond the last layer there is
// nothing to do.
void project_ahead(const PassContext& c, std::size_t l, std::size_t mixer, const TokenBlock& block) {
  if (l == c.network.layers.size()) return;
  if (mixer < c.network.layers[l].mamba.size()) return project_mamba2(c, l, mixer, block);
  project_qkv(c, l, block);
}

// Layers that mix tokens by attention, perhaps after Mamba-2 sub-layers.
void attention_layers(const PassContext& c, MatrixView<float> h, Injections injections) {
  const auto blocks = Blocks::split(h.rows, largest_block, c.team.active(), c.kernels.tile_rows);
  for_token_blocks(c, blocks, h, [&](const TokenBlock& block) {
    inject(c.kernels, block.rows, injections, [&](auto x) { return x.block(block.first, block.rows.rows); });
    project_ahead(c, 0, 0, block);
  });
  for (std::size_t l = 0; l < c.network.layers.size(); ++l) {
    for (std::size_t m = 0; m < c.network.layers[l].mamba.size(); ++m) {
      mamba2_mix(c, l, m, blocks);
      for_token_blocks(c, blocks, h, [&](const TokenBlock& block) {
        mamba2_sublayer(c, l, m, block);
        project_ahead(c, l, m + 1, block);
      });
    }
    c.team.for_blocks(heads_to_prepare(c.state.attention), [&](std::int64_t head, int member) {
      prepare_head(c.state.attention, l, head, c.scratch_of(member));
    });
    for_token_blocks(c, blocks, h, [&](const TokenBlock& block) {
      attention_sublayer(c, l, block);
      if (convolves(c)) return hidden_units(c, l, block);
      mlp_sublayer(c, l, block);
      project_ahead(c, l + 1, 0, block);
    });
    if (!convolves(c)) continue;
    for_token_blocks(c, blocks, h, [&](const TokenBlock& block) {
      convolved_mlp_sublayer(c, l, block);
      project_ahead(c, l + 1, 0, block);
    });
  }
}

// Layers that mix tokens by an MLP over the token axis.
void token_mlp_layers(const PassContext& c, MatrixView<float> h, Injections injections) {
  const auto channels = Blocks::split(h.cols, largest_block, c.team.active());
  const auto tokens = Blocks::split(h.rows, largest_block, c.team.active());
  for (std::size_t l = 0; l < c.network.layers.size(); ++l) {
    for_channel_blocks(c, channels, h, [&](const ChannelBlock& block) {
      if (l == 0) {
        inject(c.kernels, block.columns, injections,
               [&](auto x) { return x.columns(block.first, block.columns.cols); });
      }
      token_mlp_sublayer(c, l, block);
    });
    for_token_blocks(c, tokens, h, [&](const TokenBlock& block) {
      convolves(c) ? hidden_units(c, l, block) : mlp_sublayer(c, l, block);
    });
    if (!convolves(c)) continue;
    for_token_blocks(c, tokens, h, [&](const TokenBlock& block) { convolved_mlp_sublayer(c, l, block); });
  }
}

bool quantizes(const PackedMatrix& b) {
  return b.type != WeightType::f32;
}

ScratchSizes scratch_sizes(const KernelSet& kernels, const Network& network) {
  ScratchSizes sizes;
  for (const Layer& layer : network.layers) {
    sizes.wide = std::max({sizes.wide, layer.qkv.n, layer.token_mlp.down.k, layer.mlp.down.k});
    sizes.mixed = std::max({sizes.mixed, network.hidden_size, layer.o.k, layer.token_mlp.down.n});
    for (const SwigluWeights* swiglu : {&layer.token_mlp, &layer.mlp}) {
      sizes.quantizes = sizes.quantizes || quantizes(swiglu->gate_up) || quantizes(swiglu->down);
    }
    if (!layer.mixes_by_mlp) {
      sizes.quantizes = sizes.quantizes || quantizes(layer.qkv) || quantizes(layer.o);
      (quantizes(layer.qkv) ? sizes.tokens_int8 : sizes.tokens_f32) = network.attention.tokens;
    }
    if (network.residual.keep.data != nullptr || network.residual_by_token) {
      sizes.branch = std::max({sizes.branch, network.hidden_size, layer.token_mlp.down.n});
      sizes.wide = std::max(sizes.wide, 2 * layer.token_mlp.down.n);  // the transposed factors
    }
    for (const Mamba2& mamba : layer.mamba) {
      sizes.quantizes = sizes.quantizes || quantizes(mamba.in_proj) || quantizes(mamba.out_proj);
      sizes.wide = std::max(sizes.wide, mamba.inner());
      const std::int64_t heads = std::min(mamba.heads_of_group(), max_scan_heads);
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
  if (!layer.mixes_by_mlp) {
    state.attention = take_attention_state(arena, kernels, network.attention, layer.qkv.type);
  }
  if (network.mlp_convolution != MlpConvolution::none) {
    const std::int64_t tokens = network.attention.tokens, channels = layer.convolution.taps.cols;
    state.units = {arena.take<float>(tokens * channels), tokens, channels};
  }
  state.residual = network.residual;
  if (network.residual_by_token) {
    const std::int64_t tokens = network.attention.tokens, channels = network.hidden_size;
    for (auto* factors : {&state.keep, &state.take}) {
      *factors = {arena.take<float>(tokens * channels), tokens, channels};
    }
    state.residual = {as_const(state.keep), as_const(state.take)};
  }
  return state;
}

Scratch take_scratch(Arena& arena, const KernelSet& kernels, std::span<const Network* const> networks) {
  ScratchSizes sizes;
  for (const Network* network : networks) sizes = larger(sizes, scratch_sizes(kernels, *network));
  return take_scratch(arena, kernels, sizes);
}

void network_pass(const PassContext& c, MatrixView<float> h, Injections injections) {
  if (c.network.layers.front().mixes_by_mlp) {
    token_mlp_layers(c, h, injections);
  } else {
    attention_layers(c, h, injections);
  }
}

}  // namespace trm
