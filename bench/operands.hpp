#pragma once
// One product of the model's with everything it reads and writes, packed for a kernel set as the runtime packs it.

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "bench/onednn.hpp"
#include "runtime/kernels/kernel_set.hpp"

namespace trm {

// What the runtime does with a product; see runtime/network.cpp and runtime/attention.cpp.
struct ProductCase {
  std::string_view name;
  ProductShape shape;
  Epilogue epilogue = Epilogue::store;
  std::int64_t rows_at_once = 0;  // 0: a register tile
};

// Gaussian weights and activations, the same for every kernel set and peer, in float32 and quantized.
struct Operands {
  explicit Operands(const ProductShape& shape);

  ProductShape shape;
  std::vector<float> weights;             // [N, K]
  std::vector<float> activations;         // [M, K]
  std::vector<std::int8_t> weights_int8;  // [N, K]
  std::vector<float> weight_scale;        // [N]
  std::vector<std::uint8_t> rows_int8;    // [M, K]
  std::vector<float> row_scale;           // [M]
};

// The product with its epilogue as a call. The operands must outlive it.
[[nodiscard]] std::function<void()> product_f32(const KernelSet& kernels, const ProductCase& product,
                                                Operands& operands);
[[nodiscard]] std::function<void()> product_int8(const KernelSet& kernels, const ProductCase& product,
                                                 Operands& operands);

}  // namespace trm
