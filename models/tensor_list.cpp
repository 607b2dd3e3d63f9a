#include "models/tensor_list.hpp"

#include <array>

#include "runtime/error.hpp"

namespace trm {
namespace {

using Specs = std::vector<TensorSpec>;

void add_swiglu(Specs& specs, const std::string& prefix, double expansion, std::int64_t n) {
  const std::int64_t width = swiglu_width(expansion, n);
  specs.push_back({prefix + ".gate_up_proj.weight", {2 * width, n}, TensorRole::weight});
  specs.push_back({prefix + ".down_proj.weight", {n, width}, TensorRole::weight});
}

// The layers of one network ("L_level").
void add_layers(Specs& specs, const std::string& level, std::int64_t layers, const Hyperparameters& h) {
  const std::int64_t width = h.num_heads * h.head_dim();  // of all heads together
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string prefix = level + ".layers." + std::to_string(i);
    if (h.mlp_t) {
      add_swiglu(specs, prefix + ".mlp_t", h.expansion, h.tokens());
    } else {
      specs.push_back({prefix + ".self_attn.qkv_proj.weight", {3 * width, h.hidden_size}, TensorRole::weight});
      specs.push_back({prefix + ".self_attn.o_proj.weight", {h.hidden_size, width}, TensorRole::weight});
    }
    add_swiglu(specs, prefix + ".mlp", h.expansion, h.hidden_size);
  }
}

// What every family has around its networks; the id table comes last, as the largest.
void add_ends(Specs& specs, const Hyperparameters& h) {
  specs.push_back({"embed_tokens.embedding_weight", {h.vocab_size, h.hidden_size}, TensorRole::embedding});
  if (h.pos_encodings == PositionEncoding::learned) {
    specs.push_back({"embed_pos.embedding_weight", {h.tokens(), h.hidden_size}, TensorRole::embedding});
  }
  specs.push_back({"lm_head.weight", {h.vocab_size, h.hidden_size}, TensorRole::embedding});
  specs.push_back({"q_head.weight", {2, h.hidden_size}, TensorRole::embedding});
  specs.push_back({"q_head.bias", {2}, TensorRole::vector});
  if (h.puzzle_emb_ndim > 0) {
    specs.push_back({"puzzle_emb.weights", {h.num_puzzle_identifiers, h.puzzle_emb_ndim}, TensorRole::id_table});
  }
}

Specs trm_tensors(const Hyperparameters& h) {
  Specs specs = {{"H_init", {h.hidden_size}, TensorRole::vector}, {"L_init", {h.hidden_size}, TensorRole::vector}};
  add_layers(specs, "L_level", h.l_layers, h);
  add_ends(specs, h);
  return specs;
}

struct FamilyTensors {
  const char* family;
  Specs (*list)(const Hyperparameters& hyperparameters);
};

constexpr auto families = std::to_array<FamilyTensors>({{"trm", trm_tensors}});

}  // namespace

std::vector<TensorSpec> tensor_list(const Hyperparameters& hyperparameters) {
  std::string known;
  for (const auto& [family, list] : families) {
    if (hyperparameters.family == family) return list(hyperparameters);
    known += (known.empty() ? "" : ", ") + std::string(family);
  }
  throw Error(ErrorKind::input, "unknown model family \"" + hyperparameters.family + "\"; known: " + known);
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace trm
