// Four-bit products of every kernel set against exact integer sums of the blocks.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/half.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/edge_packed.hpp"

namespace trm::runtime_matmul_q4_test {
namespace {

// A left-hand side with scales, and weights put together nibble by nibble as GGUF describes the format.
struct Operands {
  std::int64_t m, blocks, n;
  EdgeMatrix<std::uint8_t> q;  // [M, K]
  EdgeMatrix<float> q_scale;   // [M], two apart
  EdgeMatrix<Q4Block> w;       // [N, K / 32]

  Operands(std::int64_t m_, std::int64_t blocks_, std::int64_t n_, std::int64_t gap = 0)
      : m(m_), blocks(blocks_), n(n_), q(m, 32 * blocks, 4 * gap), q_scale(m, 1, 1), w(n, blocks, gap) {
    q_scale.fill([](auto, auto) { return 1.0F; });
  }

  // weight(channel, feature) in [-8, 7]
  template <class Q, class W>
  void fill(Q&& q_value, W&& weight) {
    q.fill(q_value);
    for (std::int64_t c = 0; c < n; ++c) {
      for (std::int64_t b = 0; b < blocks; ++b) {
        w(c, b).scale = float_to_half(1.0F);
        for (std::int64_t j = 0; j < 16; ++j) {
          const auto low = static_cast<unsigned>(weight(c, 32 * b + j) + 8);
          const auto high = static_cast<unsigned>(weight(c, 32 * b + j + 16) + 8);
          w(c, b).nibbles[static_cast<std::size_t>(j)] = static_cast<std::uint8_t>(low | high << 4);
        }
      }
    }
  }
  void fill_random(Random& random) {
    fill([&](auto, auto) { return random.integer(0, 127); }, [&](auto, auto) { return random.integer(-8, 7); });
  }
  // NOLINTNEXTLINE(readability-make-member-function-const): it writes the elements
  void fill_scales(Random& random) {
    q_scale.fill([&](auto, auto) { return std::exp(random()); });
    for (std::int64_t c = 0; c < n; ++c) {
      for (std::int64_t b = 0; b < blocks; ++b) w(c, b).scale = float_to_half(random() / 100.0F);
    }
  }

  [[nodiscard]] QuantizedRows last_rows(std::int64_t count) const {
    return {.data = q.view().row(m - count),
            .rows = count,
            .cols = 32 * blocks,
            .stride = q.view().stride,
            .scale = q_scale.view().row(m - count),
            .scale_stride = 2};
  }
  [[nodiscard]] EdgePacked packed(const KernelSet& kernels, PanelOrder order = PanelOrder::plain) const {
    return {kernels, [&](Arena& arena) { return pack_q4(kernels, w.read(), order, arena); }};
  }

  struct Product {
    double value = 0;
    double magnitude = 0;  // sum of the blocks' magnitudes
  };
  [[nodiscard]] Product product(std::int64_t r, std::int64_t c) const {
    Product product;
    for (std::int64_t b = 0; b < blocks; ++b) {
      std::int64_t sum = 0;
      for (std::int64_t i = 0; i < 32; ++i) {
        const int byte = w(c, b).nibbles[static_cast<std::size_t>(i % 16)];
        sum += (q(r, 32 * b + i) - activation_zero_point) * ((i < 16 ? byte % 16 : byte / 16) - 8);
      }
      const double scaled = static_cast<double>(half_to_float(w(c, b).scale)) * static_cast<double>(sum);
      product.value += scaled;
      product.magnitude += std::abs(scaled);
    }
    return {product.value * q_scale(r, 0), product.magnitude * q_scale(r, 0)};
  }
};

// With all scales 1 the result is the integer itself: every sum of blocks fits float32's 24 bits.
void check_exact(const Operands& operands, std::vector<std::int64_t> heights = {}) {
  if (heights.empty()) heights = {operands.m};
  for (const KernelSet* kernels : available_kernel_sets()) {
    const auto b = operands.packed(*kernels);
    for (const auto m : heights) {
      CAPTURE(kernels->name, m, operands.blocks, operands.n);
      const EdgeMatrix<float> out(m, operands.n, 1);
      kernels->matmul_q4(operands.last_rows(m), {.b = &*b, .out = out.view()});
      std::int64_t wrong = 0;
      for (std::int64_t r = 0; r < m; ++r) {
        for (std::int64_t c = 0; c < operands.n; ++c) {
          wrong += static_cast<double>(out(r, c)) != operands.product(operands.m - m + r, c).value;
        }
      }
      CHECK(wrong == 0);
      CHECK(out.outside_is_untouched());
    }
  }
}

TEST_CASE("four-bit sums are exact at every shape") {
  Random random(1);
  for (const std::int64_t blocks : {1, 2, 7, 8, 9, 16, 48}) {
    for (const std::int64_t n : {1, 3, 16, 33, 100, 130}) {
      Operands operands(random.integer(1, 20), blocks, n, random.integer(0, 1) * 3);
      operands.fill_random(random);
      check_exact(operands);
    }
  }
}

TEST_CASE("four-bit sums are exact for every number of rows") {
  Random random(2);
  Operands operands(120, 3, 51);
  operands.fill_random(random);
  std::vector<std::int64_t> heights(120);
  std::iota(heights.begin(), heights.end(), 1);
  check_exact(operands, heights);
}

TEST_CASE("four-bit sums do not saturate") {
  for (const int weight : {-8, 7}) {
    Operands operands(9, 9, 41);
    operands.fill([](auto r, auto) { return r % 2 == 0 ? 127 : 0; }, [&](auto, auto) { return weight; });
    check_exact(operands);
  }
}

TEST_CASE("four-bit products carry the scales of blocks and rows, and the residual") {
  Random random(3);
  for (const std::int64_t gap : {0, 3}) {
    Operands operands(61, 11, 70, gap);
    operands.fill_random(random);
    operands.fill_scales(random);
    const EdgeMatrix<float> residual(61, 70, gap);
    residual.fill(random);
    for (const KernelSet* kernels : available_kernel_sets()) {
      CAPTURE(kernels->name, gap);
      const auto b = operands.packed(*kernels);
      const EdgeMatrix<float> out(61, 70, gap), in_place(61, 70, gap);
      in_place.fill([&](auto r, auto c) { return residual(r, c); });
      kernels->matmul_q4(operands.last_rows(61), {.b = &*b, .out = out.view()});
      kernels->matmul_q4(operands.last_rows(61),
                         {.b = &*b, .out = in_place.view(), .residual = in_place.read(), .epilogue = Epilogue::add});
      double worst = 0, worst_added = 0;
      for (std::int64_t r = 0; r < 61; ++r) {
        for (std::int64_t c = 0; c < 70; ++c) {
          const auto product = operands.product(r, c);
          worst = std::max(worst, std::abs(out(r, c) - product.value) / product.magnitude);
          const double sum = product.value + static_cast<double>(residual(r, c));
          worst_added =
              std::max(worst_added, std::abs(in_place(r, c) - sum) / (product.magnitude + std::abs(residual(r, c))));
        }
      }
      CHECK(worst <= 1e-6);
      CHECK(worst_added <= 1e-6);
      CHECK(out.outside_is_untouched());
      CHECK(in_place.outside_is_untouched());
    }
  }
}

TEST_CASE("four-bit SwiGLU agrees with double") {
  Random random(4);
  for (const std::int64_t units : {16, 48, 256}) {
    Operands operands(random.integer(1, 40), 5, 2 * units, 1);
    operands.fill_random(random);
    operands.fill_scales(random);
    for (const KernelSet* kernels : available_kernel_sets()) {
      CAPTURE(kernels->name, units);
      const auto b = operands.packed(*kernels, PanelOrder::gate_up);
      const EdgeMatrix<float> out(operands.m, units, 1);
      kernels->matmul_q4(operands.last_rows(operands.m), {.b = &*b, .out = out.view(), .epilogue = Epilogue::swiglu});
      double worst = 0;
      for (std::int64_t r = 0; r < operands.m; ++r) {
        for (std::int64_t c = 0; c < units; ++c) {
          const auto gate = operands.product(r, c), up = operands.product(r, units + c);
          const double silu = gate.value / (1.0 + std::exp(-gate.value));
          // silu's error, and what the rounding of the sums does to gate and up.
          const double allowed = 1.1e-4 * std::abs(silu * up.value) +
                                 1e-6 * (1.0 + std::abs(gate.value)) * std::abs(silu * up.value) +
                                 2e-6 * (gate.magnitude * std::abs(up.value) + std::abs(silu) * up.magnitude) + 1e-30;
          worst = std::max(worst, std::abs(out(r, c) - silu * up.value) / allowed);
        }
      }
      CHECK(worst <= 1.0);
      CHECK(out.outside_is_untouched());
    }
  }
}

TEST_CASE("a four-bit product does not depend on the rows that are computed with it") {
  Random random(5);
  Operands operands(70, 9, 40);
  operands.fill_random(random);
  operands.fill_scales(random);
  for (const KernelSet* kernels : available_kernel_sets()) {
    CAPTURE(kernels->name);
    const auto b = operands.packed(*kernels);
    const EdgeMatrix<float> all(70, 40), some(23, 40);
    kernels->matmul_q4(operands.last_rows(70), {.b = &*b, .out = all.view()});
    kernels->matmul_q4(operands.last_rows(23), {.b = &*b, .out = some.view()});
    std::int64_t wrong = 0;
    for (std::int64_t r = 0; r < 23; ++r)
      for (std::int64_t c = 0; c < 40; ++c) wrong += some(r, c) != all(47 + r, c);
    CHECK(wrong == 0);
  }
}

TEST_CASE("a row with a NaN scale gives NaN from four-bit weights, the others their products") {
  Random random(6);
  Operands operands(5, 2, 33);
  operands.fill_random(random);
  operands.q_scale(2, 0) = NAN;
  for (const KernelSet* kernels : available_kernel_sets()) {
    CAPTURE(kernels->name);
    const auto b = operands.packed(*kernels);
    const EdgeMatrix<float> out(5, 33);
    kernels->matmul_q4(operands.last_rows(5), {.b = &*b, .out = out.view()});
    for (std::int64_t r = 0; r < 5; ++r) CHECK(std::isnan(out(r, 0)) == (r == 2));
  }
}

}  // namespace
}  // namespace trm::runtime_matmul_q4_test
