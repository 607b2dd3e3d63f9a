#pragma once
// The sub-layers of a layer. Each works on one block: what it reads of other blocks was written in an earlier phase.

#include <cstddef>
#include <cstdint>

#include "runtime/network.hpp"
#include "runtime/tensor.hpp"

namespace trm {

// Rows of the latent h [T, D]: the tokens from `first` on.
struct TokenBlock {
  MatrixView<float> rows;  // [rows, D]
  std::int64_t first;
  const Scratch& scratch;  // of the member that computes the block
};

// Columns of the latent h [T, D]: the channels from `first` on.
struct ChannelBlock {
  MatrixView<float> columns;  // [T, columns]
  std::int64_t first;
  const Scratch& scratch;  // of the member that computes the block
};

// The attention sub-layer, rows <- rms_norm(rows + o(attention(rows))), in two parts, each a phase: every block
// attends to the keys and values of all tokens.
void project_qkv(const PassContext& context, std::size_t layer, const TokenBlock& block);
void attention_sublayer(const PassContext& context, std::size_t layer, const TokenBlock& block);

// The token-MLP sub-layer, which mixes tokens without attention: with x = columns^T [channels, T],
// x <- rms_norm(x + swiglu(x)) over the tokens.
void token_mlp_sublayer(const PassContext& context, std::size_t layer, const ChannelBlock& block);

// The SwiGLU sub-layer: rows <- rms_norm(rows + swiglu(rows)) over the channels.
void mlp_sublayer(const PassContext& context, std::size_t layer, const TokenBlock& block);

// The same sub-layer with a convolution among its hidden units, in two parts, each a phase: the hidden
// units of all tokens that the convolution reads, then the convolution and what follows it.
void hidden_units(const PassContext& context, std::size_t layer, const TokenBlock& block);
void convolved_mlp_sublayer(const PassContext& context, std::size_t layer, const TokenBlock& block);

// The Mamba-2 sub-layer number `index` of a layer, rows <- rms_norm(rows + mamba2(rows)), in three parts. mamba2_mix is
// for all tokens: it consists of phases. The others work on one block.
void project_mamba2(const PassContext& context, std::size_t layer, std::size_t index, const TokenBlock& block);
void mamba2_mix(const PassContext& context, std::size_t layer, std::size_t index, const Blocks& tokens);
void mamba2_sublayer(const PassContext& context, std::size_t layer, std::size_t index, const TokenBlock& block);

}  // namespace trm
