#pragma once
// One pass of a recursive network: h <- h + injections, then its layers, each
// post-norm. The same code for every family; what differs between them is how
// often it is called, and on which latents.

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/attention.hpp"
#include "runtime/attention_int8.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/mamba2.hpp"
#include "runtime/rotary.hpp"
#include "runtime/scratch.hpp"
#include "runtime/team.hpp"
#include "runtime/tensor.hpp"

namespace trm {

inline constexpr std::size_t max_injections = 8;  // latents that any family adds up before a pass

// down(silu(gate) * up), gate the first half of gate_up's outputs.
struct SwigluWeights {
  PackedMatrix gate_up{};  // [2 I, n], PanelOrder::gate_up
  PackedMatrix down{};     // [n, I]
};

// Mamba-2 sub-layers, if any; then attention, or a SwiGLU over the token axis; then a SwiGLU over the channels.
struct Layer {
  std::vector<Mamba2> mamba{};
  bool mixes_by_mlp = false;
  PackedMatrix qkv{};         // [3 heads head_dim, D]
  PackedMatrix o{};           // [D, heads head_dim]
  SwigluWeights token_mlp{};  // n = T
  SwigluWeights mlp{};        // n = D
};

struct Network {
  std::vector<Layer> layers;
  std::int64_t hidden_size = 0;
  float rms_norm_eps = 1e-5F;
  AttentionShape attention{};  // tokens is set with or without attention
  RotaryTable rotary{};
};

// What one sample's mixing of tokens keeps between the phases of a pass: attention of one type, by the weights.
struct MixerState {
  AttentionStateF32 f32{};
  AttentionStateInt8 int8{};
  Mamba2State mamba{};
};
[[nodiscard]] MixerState take_mixer_state(Arena& arena, const KernelSet& kernels, const Network& network);

// What each thread needs for any of these.
[[nodiscard]] Scratch take_scratch(Arena& arena, const KernelSet& kernels, std::span<const Network* const> networks);

// h[T, D] <- layers(h + sum of the injections [T, D]). All members of the team call
// it; each brings its own scratch, the mixer state is the sample's.
void network_pass(Team& team, const KernelSet& kernels, const Network& network, const Scratch& scratch,
                  const MixerState& state, MatrixView<float> h, std::span<const MatrixView<const float>> injections);

}  // namespace trm
