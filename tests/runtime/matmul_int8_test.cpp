// int8 products of every kernel set against exact integer sums.

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "runtime/kernels/kernel_set.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/edge_packed.hpp"

namespace trm::runtime_matmul_int8_test {
namespace {

// A left-hand and a right-hand side with scales. The padding of the rows of q holds 255, which must not change a sum.
struct Operands {
  std::int64_t m, k, n;
  EdgeMatrix<std::uint8_t> q;  // [M, K], rows padded to k_group
  EdgeMatrix<float> q_scale;   // [M], two apart
  EdgeMatrix<std::int8_t> w;   // [N, K]
  std::vector<float> w_scale;  // [N]

  Operands(std::int64_t m_, std::int64_t k_, std::int64_t n_, std::int64_t gap = 0)
      : m(m_),
        k(k_),
        n(n_),
        q(m, round_up(k, k_group), 4 * gap),
        q_scale(m, 1, 1),
        w(n, k, gap),
        w_scale(static_cast<std::size_t>(n), 1.0F) {
    q_scale.fill([](auto, auto) { return 1.0F; });
  }

  template <class Q, class W>
  void fill(Q&& q_value, W&& w_value) {
    for (std::int64_t r = 0; r < m; ++r)
      for (std::int64_t i = 0; i < k; ++i) q(r, i) = static_cast<std::uint8_t>(q_value(r, i));
    w.fill(w_value);
  }

  [[nodiscard]] QuantizedRows last_rows(std::int64_t count) const {
    return {.data = q.view().row(m - count),
            .rows = count,
            .cols = k,
            .stride = q.view().stride,
            .scale = q_scale.view().row(m - count),
            .scale_stride = 2};
  }
  [[nodiscard]] QuantizedRows rows() const { return last_rows(m); }
  [[nodiscard]] EdgePacked packed(const KernelSet& kernels, PanelOrder order = PanelOrder::plain) const {
    return {kernels, [&](Arena& arena) { return pack_int8(kernels, w.read(), w_scale.data(), order, arena); }};
  }

  // The exact sums [M, N].
  [[nodiscard]] std::vector<std::int64_t> sums() const {
    std::vector<std::int64_t> out;
    for (std::int64_t r = 0; r < m; ++r) {
      for (std::int64_t c = 0; c < n; ++c) {
        std::int64_t sum = 0;
        for (std::int64_t i = 0; i < k; ++i) sum += (q(r, i) - activation_zero_point) * w(c, i);
        out.push_back(sum);
      }
    }
    return out;
  }
};

// With all scales 1 the result is the integer itself (rounded once to float32 above 2^24). Products of the last m
// rows for every m of `heights`, or of all.
void check_exact(const Operands& operands, std::vector<std::int64_t> heights = {}) {
  if (heights.empty()) heights = {operands.m};
  const auto sums = operands.sums();
  const std::int64_t n = operands.n;
  for (const KernelSet* kernels : available_kernel_sets()) {
    const auto b = operands.packed(*kernels);
    for (const auto m : heights) {
      CAPTURE(kernels->name, m, operands.k, n);
      const EdgeMatrix<float> out(m, n, operands.w.view().stride - operands.k);
      kernels->matmul_int8(operands.last_rows(m), {.b = &*b, .out = out.view()});
      std::int64_t wrong = 0;
      for (std::int64_t r = 0; r < m; ++r) {
        const auto* sum = sums.data() + (operands.m - m + r) * n;
        for (std::int64_t c = 0; c < n; ++c) wrong += out(r, c) != static_cast<float>(sum[c]);
      }
      CHECK(wrong == 0);
      CHECK(out.outside_is_untouched());
    }
  }
}

void fill_random(Operands& operands, Random& random) {
  operands.fill([&](auto, auto) { return random.integer(0, 127); },
                [&](auto, auto) { return random.integer(-127, 127); });
}

void fill_scales(Operands& operands, Random& random) {
  operands.q_scale.fill([&](auto, auto) { return std::exp(random()); });
  for (float& scale : operands.w_scale) scale = std::exp(random()) / 100.0F;
}

TEST_CASE("int8 sums are exact at every shape") {
  Random random(1);
  const std::int64_t sizes[] = {1, 3, 5, 7, 97, 100, 130, 916};
  for (const auto k : sizes) {
    for (const auto n : sizes) {
      Operands operands(random.integer(1, 20), k, n, random.integer(0, 1) * 3);
      fill_random(operands, random);
      check_exact(operands);
    }
  }
}

TEST_CASE("int8 sums of rows of eight bits are exact beside weights of seven") {
  Random random(8);
  for (const std::int64_t k : {1, 7, 97, 458, 512}) {
    for (const int extreme : {0, 1, 2}) {  // random; all of one sign; signs by turns
      Operands operands(17, k, 70);
      operands.fill([&](auto, auto) { return extreme == 0 ? random.integer(0, 255) : 255; },
                    [&](auto n, auto i) {
                      if (extreme == 0) return static_cast<int>(random.integer(-64, 64));
                      return extreme == 1 || (n + i) % 2 == 0 ? 64 : -64;
                    });
      const auto sums = operands.sums();
      for (const KernelSet* kernels : available_kernel_sets()) {
        if (!kernels->eight_bit_rows) continue;
        CAPTURE(kernels->name, k, extreme);
        const auto b = operands.packed(*kernels);
        const EdgeMatrix<float> out(17, 70);
        QuantizedRows rows = operands.rows();
        rows.eight_bits = true;
        kernels->matmul_int8(rows, {.b = &*b, .out = out.view()});
        std::int64_t wrong = 0;
        for (std::int64_t r = 0; r < 17; ++r)
          for (std::int64_t c = 0; c < 70; ++c)
            wrong += out(r, c) != static_cast<float>(sums[static_cast<std::size_t>(r * 70 + c)]);
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("int8 sums are exact for every number of rows") {
  Random random(2);
  Operands operands(60, 39, 51);
  fill_random(operands, random);
  std::vector<std::int64_t> heights(60);
  std::iota(heights.begin(), heights.end(), 1);
  check_exact(operands, heights);
}

// Weights whose sums of two or four products overflow 16 bits in a kernel that does not take care.
using Weight = std::function<int(std::int64_t, std::int64_t)>;
const std::pair<const char*, Weight> extreme_weights[] = {
    {"all 127", [](auto, auto) { return 127; }},
    {"all -127", [](auto, auto) { return -127; }},
    {"signs by turns", [](auto n, auto k) { return (n + k) % 2 == 0 ? 127 : -127; }},
    {"signs by pairs", [](auto n, auto k) { return (n + k / 2) % 2 == 0 ? 127 : -127; }},
    {"signs by fours", [](auto n, auto k) { return (n + k / 4) % 2 == 0 ? 127 : -127; }},
    {"signs by eights", [](auto n, auto k) { return (n + k / 8) % 2 == 0 ? 127 : -127; }},
    {"one in five", [](auto n, auto k) { return (n + k) % 5 == 0 ? 127 : -60; }},
    {"zeros", [](auto, auto) { return 0; }},
};

TEST_CASE("int8 sums do not saturate") {
  for (const auto& extreme : extreme_weights) {
    const Weight& weight = extreme.second;
    CAPTURE(extreme.first);
    Operands operands(17, 130, 41);
    // Rows: all largest, all smallest, all one; then the largest where the weight of channel r - 3 is positive or not.
    operands.fill(
        [&](auto r, auto k) {
          if (r < 3) return r == 0 ? 127 : r == 1 ? 0 : 1;
          return (weight(r - 3, k) > 0) == (r % 4 < 2) ? 127 : 0;
        },
        weight);
    check_exact(operands);
  }
}

TEST_CASE("only pairs whose sums of four products fit 16 bits count as safe") {
  constexpr std::int64_t n = 41, k = 130;
  const std::int64_t pairs = round_up(k, k_group) / k_pair;
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const auto& extreme : extreme_weights) {
      const Weight& weight = extreme.second;
      CAPTURE(kernels->name, extreme.first);
      Operands operands(1, k, n);
      operands.fill([](auto, auto) { return 0; }, weight);
      const auto b = operands.packed(*kernels);
      const auto& order = (*b).pair_order;
      if (!kernels->sums_in_int16) {
        CHECK(order.empty());
        continue;
      }
      const std::int64_t panels = (n + kernels->panel_columns - 1) / kernels->panel_columns;
      REQUIRE(static_cast<std::int64_t>(order.size()) == panels * pairs);
      REQUIRE(static_cast<std::int64_t>((*b).safe_pairs.size()) == panels);
      for (std::int64_t panel = 0; panel < panels; ++panel) {
        std::vector<std::int32_t> seen(order.begin() + panel * pairs, order.begin() + (panel + 1) * pairs);
        const auto safe = (*b).safe_pairs[static_cast<std::size_t>(panel)];
        // Computed from the weights: the extremes are reached with activations of 127 or 0.
        const auto fits = [&](std::int64_t pair) {
          bool all = true;
          for (std::int64_t c = panel * kernels->panel_columns; c < std::min(n, (panel + 1) * kernels->panel_columns);
               ++c)
            for (const std::int64_t first : {0, 2}) {
              int most = 0, least = 0;
              for (const std::int64_t i : {first, first + 1, first + 4, first + 5}) {
                const int w = weight(c, pair * k_pair + i);
                (w > 0 ? most : least) += 127 * w;
              }
              all = all && most <= 32767 && least >= -32768;
            }
          return all;
        };
        for (std::int64_t s = 0; s < pairs; ++s) CHECK(fits(seen[static_cast<std::size_t>(s)]) == (s < safe));
        std::sort(seen.begin(), seen.end());
        for (std::int64_t s = 0; s < pairs; ++s) CHECK(seen[static_cast<std::size_t>(s)] == s);
      }
    }
  }
}

TEST_CASE("int8 products carry their scales and residual") {
  Random random(3);
  for (const std::int64_t gap : {0, 3}) {
    Operands operands(29, 97, 70, gap);
    fill_random(operands, random);
    fill_scales(operands, random);
    const auto sums = operands.sums();
    const EdgeMatrix<float> residual(29, 70, gap);
    residual.fill(random);
    for (const KernelSet* kernels : available_kernel_sets()) {
      CAPTURE(kernels->name, gap);
      const auto b = operands.packed(*kernels);
      const EdgeMatrix<float> out(29, 70, gap), in_place(29, 70, gap);
      in_place.fill([&](auto r, auto c) { return residual(r, c); });
      kernels->matmul_int8(operands.rows(), {.b = &*b, .out = out.view()});
      kernels->matmul_int8(operands.rows(),
                           {.b = &*b, .out = in_place.view(), .residual = in_place.read(), .epilogue = Epilogue::add});
      double worst = 0, worst_added = 0;
      for (std::int64_t r = 0; r < 29; ++r) {
        for (std::int64_t c = 0; c < 70; ++c) {
          const double product = static_cast<double>(operands.q_scale(r, 0)) *
                                 operands.w_scale[static_cast<std::size_t>(c)] *
                                 static_cast<double>(sums[static_cast<std::size_t>(r * 70 + c)]);
          worst = std::max(worst, std::abs(out(r, c) - product) / (std::abs(product) + 1e-30));
          const double sum = product + residual(r, c);
          worst_added =
              std::max(worst_added, std::abs(in_place(r, c) - sum) / (std::abs(product) + std::abs(residual(r, c))));
        }
      }
      CHECK(worst <= 4e-7);
      CHECK(worst_added <= 4e-7);
      CHECK(out.outside_is_untouched());
      CHECK(in_place.outside_is_untouched());
    }
  }
}

TEST_CASE("int8 SwiGLU agrees with double") {
  Random random(4);
  for (const std::int64_t k : {1, 6, 97, 512}) {
    for (const std::int64_t units : {16, 48, 256}) {
      Operands operands(random.integer(1, 40), k, 2 * units, 1);
      fill_random(operands, random);
      fill_scales(operands, random);
      for (float& scale : operands.w_scale) scale /= static_cast<float>(k);
      const auto sums = operands.sums();
      const auto value = [&](std::int64_t r, std::int64_t c) {
        return static_cast<double>(operands.q_scale(r, 0)) * operands.w_scale[static_cast<std::size_t>(c)] *
               static_cast<double>(sums[static_cast<std::size_t>(r * 2 * units + c)]);
      };
      for (const KernelSet* kernels : available_kernel_sets()) {
        CAPTURE(kernels->name, k, units);
        const auto b = operands.packed(*kernels, PanelOrder::gate_up);
        const EdgeMatrix<float> out(operands.m, units, 1);
        kernels->matmul_int8(operands.rows(), {.b = &*b, .out = out.view(), .epilogue = Epilogue::swiglu});
        double worst = 0;
        for (std::int64_t r = 0; r < operands.m; ++r) {
          for (std::int64_t c = 0; c < units; ++c) {
            const double gate = value(r, c), up = value(r, units + c);
            const double expected = gate / (1.0 + std::exp(-gate)) * up;
            // Relative to the result: its condition in the gate, which grows with the gate, plus the error of silu.
            const double relative = 1.1e-4 + 1e-6 * (1.0 + std::abs(gate));
            const double allowed = relative * std::abs(expected) + 1e-30 * (1.0 + std::abs(up));
            worst = std::max(worst, std::abs(out(r, c) - expected) / allowed);
          }
        }
        CHECK(worst <= 1.0);
        CHECK(out.outside_is_untouched());
      }
    }
  }
}

TEST_CASE("int8 silu is right far from zero and its gate may have any size") {
  const std::int64_t units = 32;
  const float gates[] = {0.0F, 1e-40F, 1e-6F, 0.3F, 1.0F, 20.0F, 86.0F, 1e4F, 1e30F};
  for (const float sign : {1.0F, -1.0F}) {
    Operands operands(1, 1, 2 * units);
    const auto q = activation_zero_point + static_cast<std::int64_t>(sign);
    operands.fill([&](auto, auto) { return q; }, [&](auto c, auto) { return c < units || sign > 0 ? 1 : -1; });
    for (std::int64_t i = 0; i < units; ++i)
      operands.w_scale[static_cast<std::size_t>(i)] = gates[static_cast<std::size_t>(i) % std::size(gates)];
    for (const KernelSet* kernels : available_kernel_sets()) {
      const auto b = operands.packed(*kernels, PanelOrder::gate_up);
      const EdgeMatrix<float> out(1, units);
      kernels->matmul_int8(operands.rows(), {.b = &*b, .out = out.view(), .epilogue = Epilogue::swiglu});
      for (std::int64_t i = 0; i < units; ++i) {
        const double x = sign * operands.w_scale[static_cast<std::size_t>(i)];
        const double expected = x / (1.0 + std::exp(-x));
        CAPTURE(kernels->name, x);
        // The power of two is clamped at 2^126.
        CHECK(std::abs(out(0, i) - expected) <= 1.1e-4 * std::abs(expected) + 1.2e-38 * std::abs(x) + 1e-44);
      }
    }
  }
}

TEST_CASE("a row with a NaN or an infinity gives NaN, the others what they give without it") {
  Random random(5);
  const std::int64_t m = 19, k = 45, units = 32;
  const EdgeMatrix<float> clean(m, k), dirty(m, k), residual(m, 2 * units);
  clean.fill(random);
  residual.fill(random);
  dirty.fill([&](auto r, auto c) { return clean(r, c); });
  dirty(2, 44) = std::nanf("");
  dirty(7, 0) = INFINITY;
  dirty(18, 20) = -INFINITY;
  Operands operands(m, k, 2 * units);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const auto epilogue : {Epilogue::store, Epilogue::add, Epilogue::swiglu}) {
      CAPTURE(kernels->name, static_cast<int>(epilogue));
      const bool swiglu = epilogue == Epilogue::swiglu;
      operands.w.fill([&](auto, auto) { return random.integer(-127, 127); });
      const auto b = operands.packed(*kernels, swiglu ? PanelOrder::gate_up : PanelOrder::plain);
      const EdgeMatrix<float> from_clean(m, swiglu ? units : 2 * units), from_dirty(m, swiglu ? units : 2 * units);
      const auto product = [&](const EdgeMatrix<float>& in, const EdgeMatrix<float>& out) {
        kernels->quantize(in.read(), operands.rows());
        kernels->matmul_int8(operands.rows(),
                             {.b = &*b, .out = out.view(), .residual = residual.read(), .epilogue = epilogue});
      };
      product(clean, from_clean);
      product(dirty, from_dirty);
      for (std::int64_t r = 0; r < m; ++r) {
        const bool poisoned = r == 2 || r == 7 || r == 18;
        std::int64_t wrong = 0;
        for (std::int64_t c = 0; c < from_dirty.view().cols; ++c) {
          wrong += poisoned ? !std::isnan(from_dirty(r, c)) : from_dirty(r, c) != from_clean(r, c);
        }
        CAPTURE(r);
        CHECK(wrong == 0);
      }
    }
  }
}

}  // namespace
}  // namespace trm::runtime_matmul_int8_test
