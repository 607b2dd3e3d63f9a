#pragma once
// Everything that fixes a model's computation besides its weights. Field names
// are those of the training configurations (all_config.yaml, `arch:`).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace trm {

// rope2d: rows and columns of the board, as EqR lays them out in a head; nano_rope2d: as nano-trm does (rotary.hpp).
enum class PositionEncoding : std::uint8_t { rope, learned, none, rope2d, nano_rope2d };

struct Hyperparameters {
  std::string family = "trm";  // a name in the family registry (family.hpp)

  std::int64_t vocab_size = 0;   // V
  std::int64_t seq_len = 0;      // S, puzzle cells
  std::int64_t hidden_size = 0;  // D
  std::int64_t num_heads = 0;
  double expansion = 4.0;
  std::int64_t h_layers = 0;
  std::int64_t l_layers = 0;
  std::int64_t h_cycles = 1;
  std::int64_t l_cycles = 1;
  std::int64_t halt_max_steps = 16;  // steps of the reference evaluation

  std::int64_t num_puzzle_identifiers = 0;  // rows of the id table in the checkpoint, kept or not
  std::int64_t puzzle_emb_ndim = 0;         // 0: no id table
  std::int64_t puzzle_emb_len = 0;          // P, the number itself: a configuration's 0 ("derive it") is resolved

  PositionEncoding pos_encodings = PositionEncoding::rope;
  double rope_theta = 10000.0;
  double rms_norm_eps = 1e-5;
  bool mlp_t = false;           // token MLP in the place of attention
  bool no_act_continue = true;  // halting rule: q_halt > 0, else q_halt > q_continue

  std::int64_t mamba_layers =
      0;  // Mamba-2 sub-layers before a layer's attention; the other mamba_ fields are their sizes
  std::int64_t mamba_d_state = 128;
  std::int64_t mamba_head_dim = 64;
  std::int64_t mamba_expand = 2;
  std::int64_t mamba_d_conv = 4;
  std::int64_t mamba_n_groups = 1;

  // nano-trm: a convolution among the hidden units of a SwiGLU, along the tokens or over the board. Board wins over
  // conv.
  bool use_conv_swiglu = false;
  bool use_board_swiglu = false;
  std::int64_t max_grid_size = 0;  // side of the board

  // EqR: every call of the network is damped, z <- (1 - lambda_) z + lambda_ net(z) + noise_scale N(0, 1), and latents
  // start at random with these standard deviations.
  double lambda_ = 1;
  double noise_scale = 0;
  double h_init_std = 1;
  double l_init_std = 1;
  std::int64_t board_height = 0;  // of positions of rows and columns; one of them 0: the board is a square
  std::int64_t board_width = 0;

  // FPRM: one iteration is one pass f, which convolves the cells, weighs latent and input by learned scales, and is
  // repeated until the latent hardly changes (families/fprm.cpp). The names are those of its configurations.
  std::string conv_type = "none";  // conv1d, conv2d: over the cells, before the layers
  std::int64_t conv_kernel_size = 4;
  bool conv_bias = false;
  std::string norm_type = "post-norm";  // pre-norm, peri-norm
  std::string norm_placement = "none";  // input, output: a norm more before or after the layers
  std::string residual_scale = "none";  // fixed, input-independent, input-dependent
  bool outer_only = false;              // scales of the latent and the input only, none in the layers
  bool normalize_input_injection = false;
  double softmax_temp = 1;
  bool causal = false;      // attention
  bool fixed_init = false;  // the latent starts from a tensor, not at random
  double fp_thresh = 0.1;   // the largest relative change at which an iteration is the last
  double stepsize = 1;      // of the first update
  double stepsize_decay_eval = 0.99;
  double stepsize_decay = 0;          // the older form of the rule; not 0: in the place of stepsize_decay_eval
  std::int64_t decay_patience = 5;    // iterations without improvement before the step size decays
  double eps = 1e-8;                  // added to the denominator of the relative change
  bool use_spec_norm_linear = false;  // no model can have it: another computation of the scales

  [[nodiscard]] bool convolves_cells() const { return conv_type != "none"; }
  [[nodiscard]] std::int64_t tokens() const { return puzzle_emb_len + seq_len; }  // T
  [[nodiscard]] std::int64_t head_dim() const { return num_heads > 0 ? hidden_size / num_heads : 0; }
};

// The halting rule of a model: does its halting head say that the sample is done? The halting logit must win by more
// than `margin`; the reference's margin is 0. A larger one halts later and more surely.
[[nodiscard]] inline bool halts(const Hyperparameters& hyperparameters, float q_halt, float q_continue, float margin) {
  return q_halt - (hyperparameters.no_act_continue ? 0.0F : q_continue) > margin;
}

// Sizes of a Mamba-2 sub-layer (arXiv 2405.21060).
struct Mamba2Sizes {
  std::int64_t inner = 0;      // channels of x, y and z
  std::int64_t heads = 0;      // of head_dim channels each
  std::int64_t channels = 0;   // through the convolution: x, and each group's B and C
  std::int64_t projected = 0;  // outputs of in_proj: z, the channels, and a time step (dt) for each head
};
[[nodiscard]] Mamba2Sizes mamba2_sizes(const Hyperparameters& hyperparameters);

// Width of a SwiGLU over n features: round(expansion * n * 2/3), rounded up to
// a multiple of 256 (TinyRecursiveModels, models/layers.py).
[[nodiscard]] std::int64_t swiglu_width(double expansion, std::int64_t n);

// Width I of the SwiGLU over the channels, which in one of nano-trm's forms is rounded in another way.
[[nodiscard]] std::int64_t mlp_width(const Hyperparameters& hyperparameters);

// The side of a square board of `cells` cells, row by row. Empty: they are no square.
[[nodiscard]] std::optional<std::int64_t> board_side(std::int64_t cells);

// Throws Error(input) naming every field whose value no model can have (an odd head_dim
// with rotary positions, heads that do not divide, sizes far beyond any published model, ...).
void validate(const Hyperparameters& hyperparameters);

[[nodiscard]] const char* to_string(PositionEncoding encoding);
[[nodiscard]] std::optional<PositionEncoding> parse_position_encoding(std::string_view text);

// When a model file holds a field.
enum class FieldPresence : std::uint8_t {
  always,
  with_mamba,      // where there are Mamba-2 sub-layers
  unless_default,  // where it has another value than a default Hyperparameters
  fixed_point,     // the same, in families that iterate to a fixed point; configurations of others do not have it
};

// Every field under its name in the training configurations ("H_cycles"): the one
// list from which model files, configurations and `trm info` are read and written.
struct HyperparameterField {
  const char* name;
  std::variant<std::string Hyperparameters::*, std::int64_t Hyperparameters::*, double Hyperparameters::*,
               bool Hyperparameters::*, PositionEncoding Hyperparameters::*>
      member;
  FieldPresence presence = FieldPresence::always;
};
[[nodiscard]] std::span<const HyperparameterField> hyperparameter_fields();

}  // namespace trm
