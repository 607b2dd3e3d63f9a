// The kernels of Mamba-2, of every kernel set, against plain loops in double.

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "runtime/kernels/kernel_set.hpp"
#include "tests/runtime/edge_matrix.hpp"

namespace trm {
namespace {

constexpr double tolerance = 2e-5;  // of numbers of about one after some hundred sums

double silu(double x) {
  return x / (1 + std::exp(-x));
}

double at(const EdgeMatrix<float>& m, std::int64_t row, std::int64_t col) {
  return static_cast<double>(m(row, col));
}

// The largest difference from expected(row, col), relative to values above one.
template <class Expected>
double worst(const EdgeMatrix<float>& got, Expected&& expected) {
  double largest = 0;
  for (std::int64_t r = 0; r < got.view().rows; ++r) {
    for (std::int64_t c = 0; c < got.view().cols; ++c) {
      const double e = expected(r, c);
      const double d = std::fabs(at(got, r, c) - e) / std::max(1.0, std::fabs(e));
      if (!(d <= largest)) largest = std::isnan(d) ? 1e9 : d;
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("a convolution looks back as far as there are tokens and no further") {
  Random random(1);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t channels : {1, 7, 16, 33, 320}) {
      for (const std::int64_t taps : {1, 2, 4}) {
        for (const std::int64_t history : {std::int64_t{0}, std::int64_t{1}, taps - 1}) {
          CAPTURE(kernels->name, channels, taps, history);
          const std::int64_t rows = 5;
          const EdgeMatrix<float> in(history + rows, channels, 3), weight(taps, channels), bias(1, channels),
              out(rows, channels, 2);
          for (const auto* m : {&in, &weight, &bias}) m->fill(random);
          kernels->convolve(in.read(), weight.read(), bias.data(), out.view());
          CHECK(worst(out, [&](std::int64_t r, std::int64_t c) {
                  double sum = at(bias, 0, c);
                  for (std::int64_t k = 0; k < taps; ++k) {
                    const std::int64_t row = history + r - (taps - 1) + k;
                    if (row >= 0) sum += at(weight, k, c) * at(in, row, c);
                  }
                  return silu(sum);
                }) <= tolerance);
          CHECK(out.outside_is_untouched());
        }
      }
    }
  }
}

TEST_CASE("a scan is the recursion that it says") {
  Random random(2);
  struct Shape {
    std::int64_t tokens, head_dim, d_state;
  };
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const Shape& shape :
         {Shape{1, 1, 1}, Shape{5, 3, 7}, Shape{33, 4, 16}, Shape{70, 9, 40}, Shape{97, 64, 128}}) {
      const std::int64_t tokens = shape.tokens, head_dim = shape.head_dim, d_state = shape.d_state;
      CAPTURE(kernels->name, tokens, head_dim, d_state);
      const EdgeMatrix<float> x(tokens, head_dim, 2), b(tokens, d_state, 1), c(tokens, d_state), step(tokens, 1, 4),
          decay(tokens, 1, 2), state(head_dim, d_state), y(tokens, head_dim, 3);
      for (const auto* m : {&x, &b, &c}) m->fill(random);
      step.fill([&](auto, auto) { return 0.1F * std::fabs(random()); });
      decay.fill([&](auto r, auto) { return std::exp(-step(r, 0)); });
      state.fill([](auto, auto) { return std::nanf(""); });  // what is left there does not count
      const float skip = random();
      kernels->scan({.x = x.read(),
                     .b = b.read(),
                     .c = c.read(),
                     .step = step.read(),
                     .decay = decay.read(),
                     .skip = skip,
                     .state = state.data(),
                     .y = y.view()});
      std::vector<double> s(static_cast<std::size_t>(head_dim * d_state));
      std::vector<double> expected;
      for (std::int64_t t = 0; t < tokens; ++t) {
        for (std::int64_t p = 0; p < head_dim; ++p) {
          double sum = static_cast<double>(skip) * at(x, t, p);
          for (std::int64_t n = 0; n < d_state; ++n) {
            double& element = s[static_cast<std::size_t>(p * d_state + n)];
            element = at(decay, t, 0) * element + at(step, t, 0) * at(x, t, p) * at(b, t, n);
            sum += element * at(c, t, n);
          }
          expected.push_back(sum);
        }
      }
      CHECK(worst(y, [&](auto r, auto p) { return expected[static_cast<std::size_t>(r * head_dim + p)]; }) <=
            tolerance);
      CHECK(y.outside_is_untouched());
    }
  }
}

TEST_CASE("a gated norm gates, then normalises, then scales") {
  Random random(3);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t n : {1, 7, 16, 33, 1024}) {
      CAPTURE(kernels->name, n);
      const EdgeMatrix<float> y(4, n, 1), z(4, n, 2), gain(1, n), out(4, n, 3);
      for (const auto* m : {&y, &z, &gain}) m->fill(random);
      kernels->gated_rms_norm(y.read(), z.read(), gain.data(), 1e-5F, out.view());
      CHECK(worst(out, [&](std::int64_t r, std::int64_t c) {
              double squares = 0;
              for (std::int64_t i = 0; i < n; ++i) squares += std::pow(at(y, r, i) * silu(at(z, r, i)), 2);
              return at(y, r, c) * silu(at(z, r, c)) * at(gain, 0, c) /
                     std::sqrt(squares / static_cast<double>(n) + 1e-5);
            }) <= tolerance);
      CHECK(out.outside_is_untouched());
    }
  }
}

}  // namespace trm
