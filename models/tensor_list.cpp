#include "models/tensor_list.hpp"

#include "models/family.hpp"

namespace trm {
namespace {

using Specs = std::vector<TensorSpec>;

void add_swiglu(Specs& specs, const std::string& prefix, std::int64_t width, std::int64_t n, TensorRole role) {
  specs.push_back({prefix + ".gate_up_proj.weight", {2 * width, n}, role});
  specs.push_back({prefix + ".down_proj.weight", {n, width}, role});
}

void add_mamba(Specs& specs, const std::string& prefix, const Hyperparameters& h) {
  const Mamba2Sizes sizes = mamba2_sizes(h);
  specs.push_back({prefix + ".in_proj.weight", {sizes.projected, h.hidden_size}, TensorRole::mixing_weight});
  specs.push_back({prefix + ".conv1d.weight", {sizes.channels, 1, h.mamba_d_conv}, TensorRole::vector});
  specs.push_back({prefix + ".conv1d.bias", {sizes.channels}, TensorRole::vector});
  for (const char* name : {".dt_bias", ".A_log", ".D"}) {
    specs.push_back({prefix + name, {sizes.heads}, TensorRole::vector});
  }
  specs.push_back({prefix + ".norm.weight", {sizes.inner}, TensorRole::vector});
  specs.push_back({prefix + ".out_proj.weight", {h.hidden_size, sizes.inner}, TensorRole::mixing_weight});
}

// The SwiGLU over the channels, with its convolution if it has one.
void add_mlp(Specs& specs, const std::string& prefix, const Family& family, const Hyperparameters& h) {
  const std::int64_t width = mlp_width(h);
  add_swiglu(specs, prefix, width, h.hidden_size, TensorRole::weight);
  const auto add_convolution = [&](const std::string& name, std::vector<std::int64_t> taps) {
    const std::int64_t channels = taps.front();
    specs.push_back({prefix + name + ".weight", std::move(taps), TensorRole::vector});
    specs.push_back({prefix + name + ".bias", {channels}, TensorRole::vector});
  };
  if (family.convolves_gated_units) add_convolution(".dwconv", {width, 1, 2});
  if (h.use_board_swiglu) {
    add_convolution(".board_conv", {2 * width, 1, 3, 3});
  } else if (h.use_conv_swiglu) {
    add_convolution(".dwconv", {2 * width, 1, 3});
  }
}

// FPRM: the convolution of the cells and the scales.
void add_fixed_point(Specs& specs, std::string_view level, const Hyperparameters& h) {
  const std::string prefix = std::string(level) + ".";
  const std::int64_t d = h.hidden_size, k = h.conv_kernel_size;
  if (h.convolves_cells()) {
    std::vector<std::int64_t> taps = {d, 1, k};
    if (h.conv_type == "conv2d") taps.push_back(k);
    specs.push_back({prefix + "conv.weight", std::move(taps), TensorRole::vector});
    if (h.conv_bias) specs.push_back({prefix + "conv.bias", {d}, TensorRole::vector});
  }
  for (const char* alpha : {"alpha_1", "alpha_2"}) {
    if (alpha == std::string_view("alpha_1") && h.outer_only) continue;
    const std::string name = prefix + alpha;
    if (h.residual_scale == "fixed") specs.push_back({name + "_param", {1}, TensorRole::vector});
    if (h.residual_scale == "input-independent") specs.push_back({name + "_param", {d}, TensorRole::vector});
    if (h.residual_scale != "input-dependent") continue;
    specs.push_back({name + "_layer.weight", {d, d}, TensorRole::embedding});
    specs.push_back({name + "_layer.bias", {d}, TensorRole::vector});
  }
}

// The layers of one network ("L_level").
void add_layers(Specs& specs, std::string_view level, std::int64_t layers, const Family& family,
                const Hyperparameters& h) {
  const std::int64_t width = h.num_heads * h.head_dim();  // of all heads together
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string prefix = layer_prefix(level, i);
    for (std::int64_t m = 0; m < h.mamba_layers; ++m) add_mamba(specs, prefix + ".mamba." + std::to_string(m), h);
    if (h.mlp_t) {
      add_swiglu(specs, prefix + ".mlp_t", swiglu_width(h.expansion, h.tokens()), h.tokens(),
                 TensorRole::mixing_weight);
    } else {
      specs.push_back({prefix + ".self_attn.qkv_proj.weight", {3 * width, h.hidden_size}, TensorRole::weight});
      specs.push_back({prefix + ".self_attn.o_proj.weight", {h.hidden_size, width}, TensorRole::weight});
    }
    add_mlp(specs, prefix + ".mlp", family, h);
  }
}

// The tensors that every family has before and after its networks. The id table, by far the largest, comes last.
void add_ends(Specs& specs, const Family& family, const Hyperparameters& h) {
  specs.push_back({family.token_embedding, {h.vocab_size, h.hidden_size}, TensorRole::embedding});
  if (h.pos_encodings == PositionEncoding::learned) {
    specs.push_back({"embed_pos.embedding_weight", {h.tokens(), h.hidden_size}, TensorRole::embedding});
  }
  specs.push_back({"lm_head.weight", {h.vocab_size, h.hidden_size}, TensorRole::embedding});
  specs.push_back({"q_head.weight", {family.q_outputs, h.hidden_size}, TensorRole::embedding});
  specs.push_back({"q_head.bias", {family.q_outputs}, TensorRole::vector});
  if (h.puzzle_emb_ndim > 0) {
    specs.push_back({"puzzle_emb.weights", {h.num_puzzle_identifiers, h.puzzle_emb_ndim}, TensorRole::id_table});
  }
}

}  // namespace

std::string layer_prefix(std::string_view level, std::int64_t layer) {
  return (level.empty() ? "" : std::string(level) + ".") + "layers." + std::to_string(layer);
}

std::vector<TensorSpec> tensor_list(const Hyperparameters& h) {
  const Family& the_family = family(h.family);
  Specs specs;
  const bool random_start = starts_at_random(h);
  for (const char* name : the_family.initial_latents) {
    if (!random_start) specs.push_back({name, {h.hidden_size}, TensorRole::vector});
  }
  if (the_family.h_level) add_layers(specs, "H_level", h.h_layers, the_family, h);
  if (the_family.l_level) add_layers(specs, the_family.l_level_name, h.l_layers, the_family, h);
  if (the_family.fixed_point) add_fixed_point(specs, the_family.l_level_name, h);
  add_ends(specs, the_family, h);
  return specs;
}

}  // namespace trm
