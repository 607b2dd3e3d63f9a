#include "models/weights.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.hpp"
#include "models/family.hpp"
#include "models/model_file.hpp"
#include "models/tensor_list.hpp"

namespace trm {
namespace {

MlpConvolution mlp_convolution_of(const Hyperparameters& h) {
  if (h.use_board_swiglu || h.use_conv_swiglu) return MlpConvolution::before_gate;
  return family(h.family).convolves_gated_units ? MlpConvolution::after_gate : MlpConvolution::none;
}

// Three taps along all tokens, or three by three over the board.
Stencil mlp_stencil_of(const Hyperparameters& h) {
  if (h.use_board_swiglu) return board_stencil(h.puzzle_emb_len, h.max_grid_size, 3);
  if (h.use_conv_swiglu) return line_stencil(0, h.tokens(), 3, 1);
  return {};
}

NormOrder norm_order_of(const Hyperparameters& h) {
  return h.norm_type == "pre-norm" ? NormOrder::pre : h.norm_type == "peri-norm" ? NormOrder::peri : NormOrder::post;
}

// FPRM's convolution of the cells: causal along them, or centred over the board.
Stencil cell_stencil_of(const Hyperparameters& h) {
  if (h.conv_type == "conv2d")
    return board_stencil(h.puzzle_emb_len, board_side(h.seq_len).value_or(1), h.conv_kernel_size);
  return line_stencil(h.puzzle_emb_len, h.tokens(), h.conv_kernel_size, h.conv_kernel_size - 1);
}

RotaryTable rotary_of(const Hyperparameters& h, const Family& family, Arena& arena) {
  const bool sequence = h.pos_encodings == PositionEncoding::rope;
  const bool halves = h.pos_encodings == PositionEncoding::rope2d;
  if (h.mlp_t || !(sequence || halves || h.pos_encodings == PositionEncoding::nano_rope2d)) return {};
  if (sequence && !family.exact_rotary) return rotary_table(h.tokens(), h.head_dim(), h.rope_theta, arena);
  return exact_rotary_table(
      {.places = sequence ? RotaryPlaces::sequence
                 : halves ? RotaryPlaces::board_halves
                          : RotaryPlaces::board_pairs,
       .tokens = h.tokens(),
       .prefix = h.puzzle_emb_len,
       .width = halves && h.board_height > 0 && h.board_width > 0 ? h.board_width : board_side(h.seq_len).value_or(1),
       .head_dim = h.head_dim(),
       .theta = h.rope_theta},
      arena);
}

// What is added, of one channel of FPRM, where a1 and a2 stay: 1 in the layers, 2 of latent and input.
struct FprmScales {
  double b1;
  double b2;
};

FprmScales fprm_scales(double a1, double a2, const Hyperparameters& h) {
  if (h.residual_scale == "none") return {.b1 = 1, .b2 = 1};
  if (h.outer_only) return {.b1 = 1, .b2 = 1 - a2};
  const double through = std::pow(a1, 2 * static_cast<double>(h.l_layers));  // of all sub-layers together
  const double b2 = 1 - a2 * through;
  return {.b1 = b2 * (1 - a1) / (1 - through + 1e-5), .b2 = b2};
}

// Reads the file's tensors by name and compares their shapes with the model's tensor list.
class Loader {
 public:
  Loader(const gguf::File& file, const Hyperparameters& hyperparameters, const KernelSet& kernels, Arena& arena)
      : file_(file), kernels_(kernels), arena_(arena), specs_(tensor_list(hyperparameters)) {}

  // The type of a weight by the name that a user knows.
  std::string_view type(const std::string& name) {
    const auto type = find(name).type;
    return type == gguf::Type::i8 ? "int8" : gguf::to_string(type);
  }

  // A [rows, cols] matrix, or a vector as one row, in float32 and not packed.
  MatrixView<const float> plain(const std::string& name) {
    const auto& tensor = find(name);
    if (tensor.type != gguf::Type::f32) throw unsupported(tensor);
    const std::int64_t rows = tensor.shape.size() > 1 ? tensor.shape.front() : 1;
    std::int64_t cols = 1;  // a convolution's taps may have two axes
    for (auto size = tensor.shape.size() > 1 ? tensor.shape.begin() + 1 : tensor.shape.begin();
         size != tensor.shape.end(); ++size) {
      cols *= *size;
    }
    auto* copy = arena_.take<float>(rows * cols);
    if (!arena_.counting())
      read_to(tensor, std::as_writable_bytes(std::span(copy, static_cast<std::size_t>(rows * cols))));
    return {copy, rows, cols};
  }

  // A right-hand side that always has float32, packed for the kernels.
  PackedMatrix packed_f32(const std::string& name) {
    const auto& tensor = find(name);
    if (tensor.type != gguf::Type::f32) throw unsupported(tensor);
    return packed(name);
  }

  // A right-hand side in any type that weights may have.
  PackedMatrix packed(const std::string& name, PanelOrder order = PanelOrder::plain) {
    const auto& tensor = find(name);
    const std::int64_t n = tensor.shape[0], k = tensor.shape[1];
    switch (tensor.type) {
      case gguf::Type::f32:
        return pack(kernels_, {read<float>(tensor), n, k}, order, arena_);
      case gguf::Type::f16:
        return pack_f16(kernels_, {read<std::uint16_t>(tensor), n, k}, order, arena_);
      case gguf::Type::i8:
        return pack_int8(kernels_, {read<std::int8_t>(tensor), n, k}, scales(name, n), order, arena_);
      case gguf::Type::q4_0:
        return pack_q4(kernels_, {blocks(tensor), n, k / q4_block_weights}, order, arena_);
      default:
        throw unsupported(tensor);
    }
  }

  // A convolution's taps [channels, taps...] as [taps, channels].
  MatrixView<const float> taps(const std::string& name) {
    const auto taps = plain(name);
    auto* transposed = arena_.take<float>(taps.rows * taps.cols);
    for (std::int64_t c = 0; c < taps.rows && !arena_.counting(); ++c) {
      for (std::int64_t k = 0; k < taps.cols; ++k) transposed[k * taps.rows + c] = taps.row(c)[k];
    }
    return {transposed, taps.cols, taps.rows};
  }

  Convolution mlp_convolution(const std::string& prefix) {
    Convolution convolution{.taps = taps(prefix + ".weight"), .bias = plain(prefix + ".bias").data};
    auto* ones = arena_.take<float>(convolution.taps.cols);
    if (!arena_.counting()) std::fill_n(ones, convolution.taps.cols, 1.0F);
    convolution.ones = ones;
    return convolution;
  }

  SwigluWeights swiglu(const std::string& prefix, PanelOrder order = PanelOrder::gate_up) {
    return {.gate_up = packed(prefix + ".gate_up_proj.weight", order), .down = packed(prefix + ".down_proj.weight")};
  }

  Mamba2 mamba2(const Hyperparameters& h, const std::string& prefix) {
    Mamba2 mamba{.heads = mamba2_sizes(h).heads,
                 .head_dim = h.mamba_head_dim,
                 .d_state = h.mamba_d_state,
                 .groups = h.mamba_n_groups};
    mamba.in_proj = packed(prefix + ".in_proj.weight");
    mamba.convolution = taps(prefix + ".conv1d.weight");
    mamba.convolution_bias = plain(prefix + ".conv1d.bias").data;
    mamba.dt_bias = plain(prefix + ".dt_bias").data;
    const auto logarithm = plain(prefix + ".A_log");
    auto* a = arena_.take<float>(logarithm.cols);
    mamba.a = a;
    mamba.d = plain(prefix + ".D").data;
    mamba.norm_weight = plain(prefix + ".norm.weight").data;
    mamba.out_proj = packed(prefix + ".out_proj.weight");
    if (arena_.counting()) return mamba;
    std::transform(logarithm.data, logarithm.data + logarithm.cols, a, [](float x) { return -std::exp(x); });
    return mamba;
  }

  Network network(const Hyperparameters& h, std::string_view level, std::int64_t layers, const RotaryTable& rotary) {
    Network network{.name = std::string(level),
                    .layers = {},
                    .hidden_size = h.hidden_size,
                    .rms_norm_eps = static_cast<float>(h.rms_norm_eps),
                    .attention = {.tokens = h.tokens(),
                                  .num_heads = h.num_heads,
                                  .head_dim = h.head_dim(),
                                  .causal = h.causal,
                                  .temperature = static_cast<float>(h.softmax_temp)},
                    .rotary = rotary,
                    .mlp_convolution = mlp_convolution_of(h),
                    .mlp_stencil = mlp_stencil_of(h),
                    .norm_order = norm_order_of(h)};
    const bool ungated = network.mlp_convolution == MlpConvolution::before_gate;
    for (std::int64_t i = 0; i < layers; ++i) {
      const std::string prefix = layer_prefix(level, i);
      Layer layer{.mixes_by_mlp = h.mlp_t};
      for (std::int64_t m = 0; m < h.mamba_layers; ++m) {
        layer.mamba.push_back(mamba2(h, prefix + ".mamba." + std::to_string(m)));
      }
      if (h.mlp_t) {
        layer.token_mlp = swiglu(prefix + ".mlp_t");
      } else {
        layer.qkv = packed(prefix + ".self_attn.qkv_proj.weight");
        layer.o = packed(prefix + ".self_attn.o_proj.weight");
      }
      layer.mlp = swiglu(prefix + ".mlp", ungated ? PanelOrder::plain : PanelOrder::gate_up);
      if (network.mlp_convolution != MlpConvolution::none) {
        layer.convolution = mlp_convolution(prefix + (h.use_board_swiglu ? ".mlp.board_conv" : ".mlp.dwconv"));
      }
      network.layers.push_back(layer);
    }
    return network;
  }

  // FPRM: the convolution of the cells, and the scales of the network and of what it begins with.
  void fixed_point(const Hyperparameters& h, Weights& weights) {
    const std::string prefix = weights.l_level.name + ".";
    FixedPointWeights& w = weights.fixed_point;
    if (h.convolves_cells()) {
      w.convolution.taps = taps(prefix + "conv.weight");
      if (h.conv_bias) w.convolution.bias = plain(prefix + "conv.bias").data;
      w.stencil = cell_stencil_of(h);
    }
    if (h.residual_scale == "input-dependent") {
      w.entry_scale = packed_f32(prefix + "alpha_2_layer.weight");
      w.entry_bias = plain(prefix + "alpha_2_layer.bias").data;
      weights.l_level.residual_by_token = !h.outer_only;
    }
    if (weights.l_level.residual_by_token) {
      w.layer_scale = packed_f32(prefix + "alpha_1_layer.weight");
      w.layer_bias = plain(prefix + "alpha_1_layer.bias").data;
      return;
    }
    const float* a1 = scale_parameter(h, prefix + "alpha_1_param", h.outer_only);
    const float* a2 = scale_parameter(h, prefix + "alpha_2_param", false);
    float* b1 = arena_.take<float>(h.hidden_size);
    float* b2 = arena_.take<float>(h.hidden_size);
    for (std::int64_t i = 0; i < h.hidden_size && !arena_.counting(); ++i) {
      const auto scales = fprm_scales(static_cast<double>(a1[i]), static_cast<double>(a2[i]), h);
      b1[i] = static_cast<float>(scales.b1);
      b2[i] = static_cast<float>(scales.b2);
    }
    const auto row = [&](const float* data) { return MatrixView<const float>(data, h.tokens(), h.hidden_size, 0); };
    weights.l_level.residual = {row(a1), row(b1)};
    w.entry = {row(a2), row(b2)};
  }

 private:
  // a [D] of FPRM's scales that do not depend on the latent. `one`: there is no such scale.
  const float* scale_parameter(const Hyperparameters& h, const std::string& name, bool one) {
    auto* a = arena_.take<float>(h.hidden_size);
    const bool learned = h.residual_scale == "input-independent" && !one, fixed = h.residual_scale == "fixed" && !one;
    const float* stored = learned || fixed ? plain(name).data : nullptr;
    for (std::int64_t i = 0; i < h.hidden_size && !arena_.counting(); ++i) {
      a[i] = learned ? static_cast<float>(1 / (1 + std::exp(-static_cast<double>(stored[i])))) : fixed ? *stored : 1.0F;
    }
    return a;
  }

  const gguf::TensorInfo& find(const std::string& name) const {
    const auto spec = std::find_if(specs_.begin(), specs_.end(), [&](const auto& s) { return s.name == name; });
    const auto* tensor = file_.find_tensor(name);
    if (spec == specs_.end() || tensor == nullptr) {
      throw input_error(file_.name(), "tensor " + name, "missing", "convert the checkpoint again");
    }
    if (tensor->shape != spec->shape) {
      throw input_error(
          file_.name(), "tensor " + name,
          "has shape " + shape_text(tensor->shape) + ", the hyperparameters ask for " + shape_text(spec->shape),
          "convert the checkpoint again");
    }
    return *tensor;
  }

  // The blocks of four-bit weights, whose scales are finite.
  const Q4Block* blocks(const gguf::TensorInfo& tensor) {
    const auto* blocks = read<Q4Block>(tensor);
    if (arena_.counting()) return blocks;
    const auto all = std::span(blocks, tensor.bytes() / sizeof(Q4Block));
    const auto bad =
        std::ranges::find_if_not(all, [](const Q4Block& block) { return std::isfinite(half_to_float(block.scale)); });
    if (bad != all.end()) {
      throw input_error(file_.name(), "tensor " + tensor.name,
                        "the scale of block " + std::to_string(bad - all.begin()) + " is not finite",
                        "quantize the model again");
    }
    return blocks;
  }

  // The scales of int8 weights, one an output channel.
  const float* scales(const std::string& name, std::int64_t n) {
    const auto* tensor = file_.find_tensor(name + int8_scale_suffix);
    if (tensor == nullptr || tensor->type != gguf::Type::f32 || tensor->shape != std::vector{n}) {
      throw input_error(file_.name(), "tensor " + name + int8_scale_suffix,
                        "is not a float32 vector of " + std::to_string(n), "quantize the model again");
    }
    if (arena_.counting()) return nullptr;
    scales_.resize(static_cast<std::size_t>(n));
    read_to(*tensor, std::as_writable_bytes(std::span(scales_)));
    return scales_.data();
  }

  // The elements of a tensor until the next call; nullptr while the arena counts. One tensor is in memory at a time.
  template <class T>
  const T* read(const gguf::TensorInfo& tensor) {
    if (arena_.counting()) return nullptr;
    const std::size_t bytes = tensor.bytes();
    if (tensor_bytes_.size() < bytes) {
      tensor_bytes_ = {};  // before the larger one is allocated
      tensor_bytes_.resize(bytes);
    }
    read_to(tensor, std::span(tensor_bytes_).first(bytes));
    return reinterpret_cast<const T*>(tensor_bytes_.data());
  }

  void read_to(const gguf::TensorInfo& tensor, std::span<std::byte> bytes) const {
    file_.source().read(file_.position(tensor), bytes);
    verify(file_, tensor, bytes);
  }

  [[nodiscard]] Error unsupported(const gguf::TensorInfo& tensor) const {
    return input_error(file_.name(), "tensor " + tensor.name,
                       std::string("has type ") + to_string(tensor.type) + ", which no kernel takes there",
                       "convert the checkpoint again");
  }

  const gguf::File& file_;
  const KernelSet& kernels_;
  Arena& arena_;
  std::vector<TensorSpec> specs_;
  std::vector<std::byte> tensor_bytes_;
  std::vector<float> scales_;
};

}  // namespace

std::vector<const Network*> Weights::networks() const {
  std::vector<const Network*> present;
  for (const Network* network : {&h_level, &l_level}) {
    if (!network->layers.empty()) present.push_back(network);
  }
  return present;
}

Weights load_weights(const gguf::File& file, const Hyperparameters& h, const KernelSet& kernels, Arena& arena) {
  Loader loader(file, h, kernels, arena);
  Weights weights;
  const Family& the_family = family(h.family);
  const std::string_view level = the_family.l_level ? the_family.l_level_name : "H_level";
  weights.type = loader.type(layer_prefix(level, 0) + ".mlp.down_proj.weight");
  weights.embed_tokens = loader.plain(the_family.token_embedding);
  if (h.pos_encodings == PositionEncoding::learned) weights.embed_pos = loader.plain("embed_pos.embedding_weight");
  weights.lm_head = loader.packed_f32("lm_head.weight");
  weights.q_head = loader.plain("q_head.weight");
  weights.q_head_bias = loader.plain("q_head.bias").data;
  for (const char* name : the_family.initial_latents) {
    weights.initial_latents.push_back(starts_at_random(h) ? nullptr : loader.plain(name).data);
  }
  const RotaryTable rotary = rotary_of(h, the_family, arena);
  if (the_family.h_level) weights.h_level = loader.network(h, "H_level", h.h_layers, rotary);
  if (the_family.l_level) weights.l_level = loader.network(h, the_family.l_level_name, h.l_layers, rotary);
  if (the_family.fixed_point) loader.fixed_point(h, weights);
  return weights;
}

}  // namespace trm
