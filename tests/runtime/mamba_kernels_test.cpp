// The kernels of Mamba-2, of every kernel set, against plain loops in double.

#include <cmath>
#include <vector>

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/scan_layout.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/edge_matrix.hpp"

namespace trm::runtime_mamba_kernels_test {
namespace {

constexpr double tolerance = 2e-5;  // for sums of some hundred numbers of about one

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

// y[t] of every head by the recursion itself.
std::vector<double> recursion(const ScanTask& task) {
  const std::int64_t heads = task.dt.cols, head_dim = task.x.cols / heads, d_state = task.b.cols;
  std::vector<double> s(static_cast<std::size_t>(task.x.cols * d_state)), y;
  for (std::int64_t t = 0; t < task.x.rows; ++t) {
    for (std::int64_t p = 0; p < task.x.cols; ++p) {
      const std::int64_t head = p / head_dim;
      const double x = task.x.row(t)[p], dt = task.dt.row(t)[head], decay = task.decay.row(t)[head];
      double sum = static_cast<double>(task.d[head]) * x;
      for (std::int64_t n = 0; n < d_state; ++n) {
        double& element = s[static_cast<std::size_t>(p * d_state + n)];
        element = decay * element + dt * x * static_cast<double>(task.b.row(t)[n]);
        sum += element * static_cast<double>(task.c.row(t)[n]);
      }
      y.push_back(sum);
    }
  }
  return y;
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

TEST_CASE("dt is positive, and decay is what a time step leaves of the state") {
  Random random(4);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t heads : {1, 7, 16, 33}) {
      for (const float spread : {1.0F, 10.0F, 80.0F}) {  // below e^-87, exp returns e^-87
        CAPTURE(kernels->name, heads, spread);
        const EdgeMatrix<float> in(9, heads, 1), bias(1, heads), a(1, heads), dt(9, heads, 2), decay(9, heads, 3);
        in.fill([&](auto, auto) { return std::clamp(spread * random(), -84.0F, 84.0F); });
        bias.fill(random);
        a.fill([&](auto, auto) { return -std::fabs(random()); });
        kernels->dt_and_decay(in.read(), bias.data(), a.data(), dt.view(), decay.view());
        double worst_dt = 0, worst_decay = 0;
        for (std::int64_t r = 0; r < 9; ++r) {
          for (std::int64_t h = 0; h < heads; ++h) {
            const double expected = std::log1p(std::exp(at(in, r, h) + at(bias, 0, h)));
            worst_dt = std::max(worst_dt, std::fabs(at(dt, r, h) / expected - 1));
            const double left = std::exp(expected * at(a, 0, h));
            worst_decay = std::max(worst_decay, std::fabs(at(decay, r, h) - left));
          }
        }
        CHECK(worst_dt <= 1e-6 * std::max(1.0F, spread));  // the sum's rounding becomes a relative error
        CHECK(worst_decay <= 1e-5);
        CHECK(dt.outside_is_untouched());
        CHECK(decay.outside_is_untouched());
      }
    }
  }
}

TEST_CASE("a scan computes the recursion") {
  Random random(2);
  struct Shape {
    std::int64_t tokens, heads, head_dim, d_state;
  };
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{5, 2, 3, 7}, Shape{33, 1, 4, 16}, Shape{70, 3, 9, 40},
                               Shape{97, 1, 64, 128}, Shape{64, 2, 41, 33}}) {
      // -A: the state decays at once, so that products of decays vanish; slowly; hardly; not at all. The scratch
      // holds NaN before: the scan must not read what it did not write.
      for (const float a : {100.0F, 1.0F, 0.01F, 0.0F}) {
        const auto [tokens, heads, head_dim, d_state] = shape;
        CAPTURE(kernels->name, tokens, heads, head_dim, d_state, a);
        const std::int64_t width = heads * head_dim;
        const EdgeMatrix<float> x(tokens, width, 2), b(tokens, d_state, 1), c(tokens, d_state), dt(tokens, heads, 4),
            decay(tokens, heads, 2), d(1, heads), scratch(1, scan_scratch(*kernels, heads, head_dim, d_state)),
            y(tokens, width, 3);
        for (const auto* m : {&x, &b, &c, &d}) m->fill(random);
        dt.fill([&](auto, auto) { return 0.1F * std::fabs(random()); });
        decay.fill([&](auto r, auto h) { return std::exp(-a * dt(r, h)); });
        const ScanTask task{.x = x.read(),
                            .b = b.read(),
                            .c = c.read(),
                            .dt = dt.read(),
                            .decay = decay.read(),
                            .d = d.data(),
                            .scratch = scratch.data(),
                            .y = y.view()};
        kernels->scan(task);
        const std::vector<double> expected = recursion(task);
        CHECK(worst(y, [&](auto r, auto p) { return expected[static_cast<std::size_t>(r * width + p)]; }) <= tolerance);
        CHECK(y.outside_is_untouched());
        CHECK(scratch.outside_is_untouched());
      }
    }
  }
}

TEST_CASE("a gated norm gates, then normalises, then scales") {
  Random random(3);
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const std::int64_t n : {1, 7, 16, 33, 1024}) {
      CAPTURE(kernels->name, n);
      const EdgeMatrix<float> y(4, n, 1), z(4, n, 2), weight(1, n), out(4, n, 3);
      for (const auto* m : {&y, &z, &weight}) m->fill(random);
      kernels->gated_rms_norm(y.read(), z.read(), weight.data(), 1e-5F, out.view());
      CHECK(worst(out, [&](std::int64_t r, std::int64_t c) {
              double squares = 0;
              for (std::int64_t i = 0; i < n; ++i) squares += std::pow(at(y, r, i) * silu(at(z, r, i)), 2);
              return at(y, r, c) * silu(at(z, r, c)) * at(weight, 0, c) /
                     std::sqrt(squares / static_cast<double>(n) + 1e-5);
            }) <= tolerance);
      CHECK(out.outside_is_untouched());
    }
  }
}

}  // namespace trm::runtime_mamba_kernels_test
