#pragma once
// One pass of a recursive network: h <- h + injections, then its layers. The same code for every family; families
// differ in how often they call it, and on which latents.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/attention.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/mamba2.hpp"
#include "runtime/rotary.hpp"
#include "runtime/scratch.hpp"
#include "runtime/stencil.hpp"
#include "runtime/team.hpp"
#include "runtime/tensor.hpp"
#include "runtime/trace.hpp"

namespace trm {

inline constexpr std::size_t max_injections = 8;  // latents that any family adds up before a pass

// swiglu(x) = down(silu(gate(x)) * up(x)).
struct SwigluWeights {
  PackedMatrix gate_up{};  // [2 I, n]: gate, then up; PanelOrder::gate_up
  PackedMatrix down{};     // [n, I]
};

// A depthwise convolution among the hidden units of a SwiGLU over the channels.
enum class MlpConvolution : std::uint8_t {
  none,
  after_gate,   // down(silu(conv(silu(gate) up))): causal, along all tokens (URM)
  before_gate,  // down(silu(gate') up'), where (gate', up') = conv(gate_up(x)) (nano-trm)
};

// Where a sub-layer normalises. branch: attention or a SwiGLU; keep, take: ResidualScales.
enum class NormOrder : std::uint8_t {
  post,  // h <- rms(keep h + take branch(h))
  pre,   // h <- keep h + take branch(rms(h))
  peri,  // h <- keep h + take rms(branch(rms(h)))
};

// Factors of a sub-layer's sum, one for each channel of each token [T, D]. Where all tokens have the same factors the
// views hold one row (stride 0). No data: both factors are 1.
struct ResidualScales {
  MatrixView<const float> keep{};
  MatrixView<const float> take{};
};

// In the order of computation: Mamba-2 sub-layers, if any; then attention, or a SwiGLU over the token axis; then a
// SwiGLU over the channels.
struct Layer {
  std::vector<Mamba2> mamba{};
  bool mixes_by_mlp = false;
  PackedMatrix qkv{};         // [3 heads head_dim, D]
  PackedMatrix o{};           // [D, heads head_dim]
  SwigluWeights token_mlp{};  // n = T
  SwigluWeights mlp{};        // n = D
  Convolution convolution{};  // of the hidden units of mlp: [I] channels after the gate, [2 I] before it
};

struct Network {
  std::string name{};  // "L_level", as in the checkpoint's keys; may be empty
  std::vector<Layer> layers;
  std::int64_t hidden_size = 0;
  float rms_norm_eps = 1e-5F;
  AttentionShape attention{};  // tokens is set with or without attention
  RotaryTable rotary{};
  MlpConvolution mlp_convolution = MlpConvolution::none;
  Stencil mlp_stencil{};  // of a convolution before the gate
  NormOrder norm_order = NormOrder::post;
  ResidualScales residual{};
  bool residual_by_token = false;  // the factors are computed from the latent, into MixerState::keep and take
};

// What the mixers of one sample's tokens keep from one phase of a pass to the next. Layers use it in turn.
struct MixerState {
  AttentionState attention{};
  Mamba2State mamba{};
  MatrixView<float> units{};  // [T, channels of the convolution]; none without one
  MatrixView<float> keep{};   // [T, D], with residual_by_token: what `residual` shows
  MatrixView<float> take{};
  ResidualScales residual{};
};
[[nodiscard]] MixerState take_mixer_state(Arena& arena, const KernelSet& kernels, const Network& network);

// One thread's buffers, large enough for each of these networks.
[[nodiscard]] Scratch take_scratch(Arena& arena, const KernelSet& kernels, std::span<const Network* const> networks);

// What a pass works with.
struct PassContext {
  Team& team;
  const KernelSet& kernels;
  const Network& network;
  const MixerState& state;           // the sample's
  std::span<const Scratch> scratch;  // one for each member of the team
  const Trace* trace = nullptr;      // null: no tensors are traced

  [[nodiscard]] const Scratch& scratch_of(int member) const { return scratch[static_cast<std::size_t>(member)]; }
};

// h[T, D] <- layers(h + sum of the injections [T, D]). The lead of the team calls it.
void network_pass(const PassContext& context, MatrixView<float> h, std::span<const MatrixView<const float>> injections);

}  // namespace trm
