// Weighted sums of rows and the stencils that choose them, against plain sums in double.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/stencil.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/edge_matrix.hpp"

namespace trm::runtime_weighted_rows_test {
namespace {

constexpr double tolerance = 3e-5;  // for sums of up to 81 products of about one

double at(const EdgeMatrix<float>& m, std::int64_t row, std::int64_t col) {
  return static_cast<double>(m(row, col));
}

double silu(double x) {
  return x / (1 + std::exp(-x));
}

// Rows and weights of `count` terms of `n` channels, and what they add up to.
struct Terms {
  EdgeMatrix<float> rows, weights, bias;
  std::vector<const float*> row, weight;

  Terms(Random& random, std::int64_t count, std::int64_t n) : rows(count + 1, n, 3), weights(count + 1, n), bias(1, n) {
    for (const auto* m : {&rows, &weights, &bias}) m->fill(random);
    for (std::int64_t j = 0; j < count; ++j) {
      row.push_back(rows.read().row(j));
      weight.push_back(weights.read().row(j));
    }
  }
  [[nodiscard]] WeightedRows view(bool with_bias) const { return {row, weight, with_bias ? bias.data() : nullptr}; }
  [[nodiscard]] double sum(std::int64_t c, bool with_bias) const {
    double sum = with_bias ? at(bias, 0, c) : 0;
    for (std::size_t j = 0; j < row.size(); ++j)
      sum += static_cast<double>(row[j][c]) * static_cast<double>(weight[j][c]);
    return sum;
  }
};

// out[t] of a depthwise convolution by its definition.
double by_definition(const EdgeMatrix<float>& in, const EdgeMatrix<float>& taps, const Stencil& stencil, std::int64_t t,
                     std::int64_t c) {
  double sum = 0;
  for (std::int64_t j = 0; j < stencil.taps; ++j) {
    const std::int32_t source = stencil.of(t)[static_cast<std::size_t>(j)];
    if (source != Stencil::nothing) sum += at(taps, j, c) * at(in, source, c);
  }
  return sum;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// residual_scales for projections of magnitudes up to `size`. branches 0: without a1 and b1.
void check_residual_scales(const KernelSet& kernels, Random& random, std::int64_t n, std::int64_t branches,
                           float size) {
  const std::int64_t rows = 3;
  const EdgeMatrix<float> a1(rows, n, 2), a2(rows, n, 1), bias1(1, n), bias2(1, n), b1(rows, n, 3), b2(rows, n);
  for (const auto* m : {&a1, &a2, &bias1, &bias2}) m->fill([&](auto...) { return size * random(); });
  const auto arguments = [&](const EdgeMatrix<float>& projection, const EdgeMatrix<float>& bias) {
    std::vector<double> x;
    for (std::int64_t i = 0; i < rows * n; ++i)
      x.push_back(static_cast<double>(projection(i / n, i % n) + bias(0, i % n)));
    return x;
  };
  const std::vector<double> x1 = arguments(a1, bias1), x2 = arguments(a2, bias2);
  ResidualScaleTask task{.a2 = a2.view(), .bias1 = bias1.data(), .bias2 = bias2.data(), .b2 = b2.view()};
  if (branches > 0) {
    task.a1 = a1.view();
    task.b1 = b1.view();
    task.branches = branches;
  }
  kernels.residual_scales(task);
  for (std::int64_t i = 0; i < rows * n; ++i) {
    const std::int64_t r = i / n, c = i % n;
    const double keep1 = branches > 0 ? sigmoid(x1[static_cast<std::size_t>(i)]) : 1;
    const double keep2 = sigmoid(x2[static_cast<std::size_t>(i)]);
    const double take2 = 1 - keep2 * std::pow(keep1, branches);
    REQUIRE(std::fabs(at(a2, r, c) - keep2) <= 1e-6);
    REQUIRE(std::fabs(at(b2, r, c) - take2) <= 1e-5);
    if (branches == 0) continue;
    REQUIRE(std::fabs(at(a1, r, c) - keep1) <= 1e-6);
    const double rounded1 = at(a1, r, c);  // b1 is steep where a1 is near 1
    const double take1 = take2 * (1 - rounded1) / (1 - std::pow(rounded1, branches) + 1e-5);
    REQUIRE(std::fabs(at(b1, r, c) - take1) <= 1e-5);
  }
  for (const auto* m : {&a1, &a2, &b1, &b2}) CHECK(m->outside_is_untouched());
}

}  // namespace

TEST_CASE("weighted rows are added up in every kernel set, with and without a bias") {
  Random random(7);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t n : {1, 7, 8, 16, 33, 100, 512}) {
      for (const std::int64_t count : {0, 1, 2, 3, 9, 81}) {
        for (const bool with_bias : {false, true}) {
          CAPTURE(kernels->name, n, count, with_bias);
          const Terms terms(random, count, n);
          const EdgeMatrix<float> out(1, n);
          kernels->weighted_sum(terms.view(with_bias), out.data(), n);
          for (std::int64_t c = 0; c < n; ++c) {
            REQUIRE(std::fabs(at(out, 0, c) - terms.sum(c, with_bias)) <= tolerance);
          }
          CHECK(out.outside_is_untouched());

          const Terms halves(random, count, 2 * n);
          const EdgeMatrix<float> gated(1, n);
          kernels->weighted_swiglu(halves.view(with_bias), gated.data(), n);
          for (std::int64_t c = 0; c < n; ++c) {
            const double gate = halves.sum(c, with_bias), up = halves.sum(n + c, with_bias);
            const double allowed = tolerance * (1 + std::fabs(gate)) * (1 + std::fabs(up));
            REQUIRE(std::fabs(at(gated, 0, c) - silu(gate) * up) <= allowed);
          }
          CHECK(gated.outside_is_untouched());
        }
      }
    }
  }
}

TEST_CASE("the relative change of a row is found in every kernel set") {
  Random random(9);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t n : {1, 7, 8, 16, 33, 100, 512}) {
      CAPTURE(kernels->name, n);
      const EdgeMatrix<float> from(1, n), to(1, n);
      from.fill(random);
      to.fill(random);
      double change = 0, size = 0;
      for (std::int64_t c = 0; c < n; ++c) {
        change = std::max(change, std::fabs(at(from, 0, c) - at(to, 0, c)));
        size = std::max(size, std::fabs(at(to, 0, c)));
      }
      const double found = static_cast<double>(kernels->relative_change(from.data(), to.data(), n, 0.5F));
      CHECK(std::fabs(found - change / (size + 0.5)) <= 1e-6 * (1 + found));
      CHECK(kernels->relative_change(to.data(), to.data(), n, 0.5F) == 0.0F);
    }
  }
}

TEST_CASE("two rows are blended in every kernel set, the old one in its place") {
  Random random(10);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t n : {1, 7, 8, 16, 33, 100, 512}) {
      CAPTURE(kernels->name, n);
      const EdgeMatrix<float> old(1, n), next(1, n);
      old.fill(random);
      next.fill(random);
      std::vector<double> expected;
      for (std::int64_t c = 0; c < n; ++c) expected.push_back(0.25 * at(old, 0, c) + 0.75 * at(next, 0, c));
      kernels->blend(old.data(), next.data(), n, 0.25F, 0.75F);
      for (std::int64_t c = 0; c < n; ++c) {
        CHECK(std::fabs(at(old, 0, c) - expected[static_cast<std::size_t>(c)]) <= 1e-6);
      }
      CHECK(old.outside_is_untouched());
    }
  }
}

TEST_CASE("residual scales follow from their projections in every kernel set") {
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t n : {1, 7, 16, 33, 100}) {
      for (const std::int64_t branches : {0, 1, 2, 4, 16}) {  // 0: a1 is 1
        for (const float size : {1.0F, 12.0F, 200.0F}) {      // sigmoids far from 0 and 1, near, and equal to them
          CAPTURE(kernels->name, n, branches, size);
          Random random(11);
          check_residual_scales(*kernels, random, n, branches, size);
        }
      }
    }
  }
}

TEST_CASE("a weighted sum may be written over one of its rows") {
  Random random(8);
  for (const KernelSet* kernels : available_kernel_sets()) {
    const std::int64_t n = 37;
    Terms terms(random, 2, n);
    std::vector<double> expected;
    for (std::int64_t c = 0; c < n; ++c) expected.push_back(terms.sum(c, false));
    float* out = terms.rows.view().row(0);
    kernels->weighted_sum(terms.view(false), out, n);
    for (std::int64_t c = 0; c < n; ++c) {
      CHECK(std::fabs(static_cast<double>(out[c]) - expected[static_cast<std::size_t>(c)]) <= tolerance);
    }
  }
}

TEST_CASE("a stencil along the tokens reads neither the prefix nor beyond the end") {
  const Stencil causal = line_stencil(2, 6, 4, 3);
  CHECK(std::vector(causal.of(2).begin(), causal.of(2).end()) == std::vector<std::int32_t>{-1, -1, -1, 2});
  CHECK(std::vector(causal.of(5).begin(), causal.of(5).end()) == std::vector<std::int32_t>{2, 3, 4, 5});
  const Stencil centred = line_stencil(0, 3, 3, 1);
  CHECK(std::vector(centred.of(0).begin(), centred.of(0).end()) == std::vector<std::int32_t>{-1, 0, 1});
  CHECK(std::vector(centred.of(2).begin(), centred.of(2).end()) == std::vector<std::int32_t>{1, 2, -1});
}

TEST_CASE("a stencil over a board reads rows above first and nothing beyond an edge") {
  const Stencil board = board_stencil(1, 3, 3);  // cells 1 to 9 after one token of prefix
  CHECK(std::vector(board.of(1).begin(), board.of(1).end()) ==
        std::vector<std::int32_t>{-1, -1, -1, -1, 1, 2, -1, 4, 5});
  CHECK(std::vector(board.of(5).begin(), board.of(5).end()) == std::vector<std::int32_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(std::vector(board.of(9).begin(), board.of(9).end()) ==
        std::vector<std::int32_t>{5, 6, -1, 8, 9, -1, -1, -1, -1});
  const Stencil one = board_stencil(0, 1, 5);
  CHECK(std::ranges::count(one.sources, Stencil::nothing) == 24);
}

TEST_CASE("a convolution over a board is the sum over its stencil") {
  Random random(9);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t side : {1, 2, 5}) {
      const std::int64_t prefix = 2, channels = 19, k = 3;
      const Stencil stencil = board_stencil(prefix, side, k);
      const EdgeMatrix<float> in(prefix + side * side, channels, 1), taps(k * k, channels), out(1, channels);
      for (const auto* m : {&in, &taps}) m->fill(random);
      const Convolution convolution{.taps = taps.read(), .bias = nullptr};
      for (std::int64_t t = prefix; t < prefix + side * side; ++t) {
        CAPTURE(kernels->name, side, t);
        kernels->weighted_sum(TapRows(convolution, stencil, in.read(), t).view(), out.data(), channels);
        for (std::int64_t c = 0; c < channels; ++c) {
          REQUIRE(std::fabs(at(out, 0, c) - by_definition(in, taps, stencil, t, c)) <= tolerance);
        }
      }
    }
  }
}

}  // namespace trm::runtime_weighted_rows_test
