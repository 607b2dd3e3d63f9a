#pragma once
// A matrix product of the model with its operands, packed for a kernel set as in the runtime.

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/q4_block.hpp"
#include "bench/onednn.hpp"
#include "runtime/kernels/kernel_set.hpp"

namespace trm {

// How the runtime computes a product; see runtime/layer.cpp and runtime/attention_f32.cpp.
struct ProductCase {
  std::string_view name;
  ProductShape shape;
  Epilogue epilogue = Epilogue::store;
  std::int64_t rows_at_once = 0;  // rows of one call; 0: of a register tile
};

// Gaussian weights and activations, the same for every kernel set and peer, in float32 and quantized.
struct Operands {
  explicit Operands(const ProductShape& shape);

  ProductShape shape;
  std::vector<float> weights;             // [N, K]
  std::vector<float> activations;         // [M, K]
  std::vector<std::int8_t> weights_int8;  // [N, K]
  std::vector<Q4Block> weights_q4;        // [N, K / 32]; none where K is no multiple of 32
  std::vector<float> weight_scale;        // [N]
  std::vector<std::uint8_t> rows_int8;    // [M, K]
  std::vector<float> row_scale;           // [M]
};

// A function that computes the product with its epilogue. The operands must outlive it.
[[nodiscard]] std::function<void()> product_f32(const KernelSet& kernels, const ProductCase& product,
                                                Operands& operands);
[[nodiscard]] std::function<void()> product_int8(const KernelSet& kernels, const ProductCase& product,
                                                 Operands& operands);
[[nodiscard]] std::function<void()> product_q4(const KernelSet& kernels, const ProductCase& product,
                                               Operands& operands);

}  // namespace trm
