#include "bench/operands.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

#include "quant/quantize.hpp"
#include "runtime/kernels/packed_matrix.hpp"

namespace trm {
namespace {

std::vector<float> gaussian(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  std::ranges::generate(values, [&] { return normal(random); });
  return values;
}

// A right-hand side and the output of the product.
struct Target {
  PackedMatrix b;
  Arena arena;
  std::vector<float> out;  // [M, N], or [M, N/2] with swiglu; also the residual, as in the runtime
};

// `pack(arena)` returns the packed weights.
template <class Pack>
std::shared_ptr<Target> make_target(const ProductCase& product, Pack&& pack) {
  PackedMatrix b;
  Arena arena = Arena::sized([&](Arena& a) { b = pack(a); });
  const auto size = static_cast<std::size_t>(product.shape.m * product.shape.n);
  return std::make_shared<Target>(Target{std::move(b), std::move(arena), std::vector<float>(size)});
}

PanelOrder order_of(const ProductCase& product) {
  return product.epilogue == Epilogue::swiglu ? PanelOrder::gate_up : PanelOrder::plain;
}

// Calls multiply(first row, task) for each block of rows.
template <class Multiply>
void in_blocks(const ProductCase& product, std::int64_t at_once, Target& target, Multiply&& multiply) {
  const auto& [m, n, k] = product.shape;
  const MatrixView<float> out(target.out.data(), m, product.epilogue == Epilogue::swiglu ? n / 2 : n);
  const std::int64_t blocks = (m + at_once - 1) / at_once;
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t first = m * block / blocks;
    const std::int64_t rows = m * (block + 1) / blocks - first;
    multiply(first, rows,
             MatmulTask{.b = &target.b,
                        .out = out.block(first, rows),
                        .residual = as_const(out.block(first, rows)),
                        .epilogue = product.epilogue});
  }
}

std::int64_t rows_at_once(const KernelSet& kernels, const ProductCase& product) {
  return product.rows_at_once > 0 ? product.rows_at_once : kernels.tile_rows;
}

}  // namespace

Operands::Operands(const ProductShape& s)
    : shape(s),
      weights(gaussian(s.n * s.k, 1)),
      activations(gaussian(s.m * s.k, 2)),
      weights_int8(weights.size()),
      weights_q4(s.k % q4_block_weights == 0 ? weights.size() / q4_block_weights : 0),
      weight_scale(static_cast<std::size_t>(s.n)),
      rows_int8(static_cast<std::size_t>(s.m * round_up(s.k, k_group))),
      row_scale(static_cast<std::size_t>(s.m)) {
  quantize_int8({weights.data(), s.n, s.k}, weights_int8.data(), weight_scale.data());
  if (!weights_q4.empty()) quantize_q4({weights.data(), s.n, s.k}, weights_q4.data(), "weights");
  kernel_set("portable")
      .quantize({activations.data(), s.m, s.k}, {.data = rows_int8.data(),
                                                 .rows = s.m,
                                                 .cols = s.k,
                                                 .stride = round_up(s.k, k_group),
                                                 .scale = row_scale.data()});
}

std::function<void()> product_f32(const KernelSet& kernels, const ProductCase& product, Operands& operands) {
  const auto& [m, n, k] = product.shape;
  auto target = make_target(product, [&, n = n, k = k](Arena& arena) {
    return pack(kernels, {operands.weights.data(), n, k}, order_of(product), arena);
  });
  const MatrixView<const float> a(operands.activations.data(), m, k);
  return [=, &kernels] {
    in_blocks(product, rows_at_once(kernels, product), *target,
              [&](std::int64_t first, std::int64_t rows, const MatmulTask& task) {
                kernels.matmul_f32(a.block(first, rows), task);
              });
  };
}

namespace {

// A product of the quantized activations with packed weights.
std::function<void()> quantized_product(const KernelSet& kernels, const ProductCase& product, Operands& operands,
                                        void (*KernelSet::*multiply)(const QuantizedRows&, const MatmulTask&),
                                        std::shared_ptr<Target> target) {
  return [=, &kernels, &operands] {
    const std::int64_t cols = product.shape.k;
    const std::int64_t stride = round_up(cols, k_group);
    in_blocks(product, rows_at_once(kernels, product), *target,
              [&](std::int64_t first, std::int64_t rows, const MatmulTask& task) {
                (kernels.*multiply)({.data = operands.rows_int8.data() + first * stride,
                                     .rows = rows,
                                     .cols = cols,
                                     .stride = stride,
                                     .scale = operands.row_scale.data() + first},
                                    task);
              });
  };
}

}  // namespace

std::function<void()> product_int8(const KernelSet& kernels, const ProductCase& product, Operands& operands) {
  const auto& [m, n, k] = product.shape;
  return quantized_product(kernels, product, operands, &KernelSet::matmul_int8,
                           make_target(product, [&, n = n, k = k](Arena& arena) {
                             return pack_int8(kernels, {operands.weights_int8.data(), n, k},
                                              operands.weight_scale.data(), order_of(product), arena);
                           }));
}

std::function<void()> product_q4(const KernelSet& kernels, const ProductCase& product, Operands& operands) {
  const auto& [m, n, k] = product.shape;
  return quantized_product(
      kernels, product, operands, &KernelSet::matmul_q4, make_target(product, [&, n = n, k = k](Arena& arena) {
        return pack_q4(kernels, {operands.weights_q4.data(), n, k / q4_block_weights}, order_of(product), arena);
      }));
}

}  // namespace trm
