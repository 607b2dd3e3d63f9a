#pragma once
// The names and shapes of all tensors of a model. The converter compares a checkpoint with this list, and the loader
// fills the weights from it.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/shape.hpp"
#include "models/hyperparameters.hpp"

namespace trm {

enum class TensorRole : std::uint8_t {
  weight,         // [N, K], the right-hand side of a matrix product over the channels: may be f16, int8 or q4_0
  mixing_weight,  // the same of a sub-layer that mixes tokens without attention: never in fewer than eight bits
  embedding,      // [rows, D], float32: the embeddings, read by row, and the halting head
  vector,         // float32 numbers that no matrix product reads
  id_table,       // [num_puzzle_identifiers, puzzle_emb_ndim]: rows may be left out of the file
};

// int8 weights [N, K] are accompanied by their scales, float32 [N], under the weight's name with this suffix.
inline constexpr const char* int8_scale_suffix = ".scale";

[[nodiscard]] inline bool is_weight(TensorRole role) {
  return role == TensorRole::weight || role == TensorRole::mixing_weight;
}

struct TensorSpec {
  std::string name;                 // state-dict key without prefix, e.g. "L_level.layers.0.mlp.down_proj.weight"
  std::vector<std::int64_t> shape;  // outermost first
  TensorRole role;
};

// "L_level.layers.0", what the keys of a layer's tensors begin with.
[[nodiscard]] std::string layer_prefix(std::string_view level, std::int64_t layer);

// In the order of the file. The names do not depend on the sizes that a checkpoint's shapes give (vocab_size, seq_len,
// num_puzzle_identifiers). Throws Error(input) for an unknown family.
[[nodiscard]] std::vector<TensorSpec> tensor_list(const Hyperparameters& hyperparameters);

}  // namespace trm
