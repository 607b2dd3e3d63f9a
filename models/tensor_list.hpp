#pragma once
// Every tensor of a model, named in one place. The converter checks a
// checkpoint against this list, the loader fills the weights from it.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/shape.hpp"
#include "models/hyperparameters.hpp"

namespace trm {

enum class TensorRole : std::uint8_t {
  weight,     // [N, K], the right-hand side of a matrix product: may be f16 or int8
  embedding,  // [rows, D], float32: the embeddings, read by row, and the halting head
  vector,     // float32 numbers that no product reads
  id_table,   // [num_puzzle_identifiers, puzzle_emb_ndim]: rows may be left out of the file
};

// int8 weights [N, K] are accompanied by their scales, float32 [N], under the weight's name with this suffix.
inline constexpr const char* int8_scale_suffix = ".scale";

struct TensorSpec {
  std::string name;                 // state-dict key without prefix, e.g. "L_level.layers.0.mlp.down_proj.weight"
  std::vector<std::int64_t> shape;  // outermost first
  TensorRole role;
};

// In file order; the names depend on the configuration only, not on the sizes that
// follow from shapes (vocab_size, seq_len, num_puzzle_identifiers). Throws Error(input) for an unknown family.
[[nodiscard]] std::vector<TensorSpec> tensor_list(const Hyperparameters& hyperparameters);

}  // namespace trm
