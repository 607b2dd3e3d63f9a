// The kernels that walk along rows, of every kernel set, against double.

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <string>

#include "base/error.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/edge_matrix.hpp"

namespace trm::runtime_row_kernels_test {
namespace {

constexpr double unit_roundoff = 0x1p-24;
constexpr std::int64_t widths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 97, 130, 916};

// Roundings of a sum over a row: within a lane, then over the lanes.
double summation(const KernelSet& kernels, std::int64_t n) {
  return (static_cast<double>(n) / static_cast<double>(kernels.vector_columns) + 5.0) * unit_roundoff;
}

// body(kernels, width, gap) for every kernel set and width.
template <class Body>
void for_rows(Body&& body) {
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const auto n : widths) {
      CAPTURE(kernels->name, n);
      body(*kernels, n, n % 2 == 0 ? 0 : 3);
    }
  }
}

TEST_CASE("kernel sets are known by name") {
  CHECK(available_kernel_sets().front()->name == "portable");
  CHECK(&kernel_set() == available_kernel_sets().back());
  for (const KernelSet* kernels : available_kernel_sets()) CHECK(&kernel_set(kernels->name) == kernels);
  try {
    static_cast<void>(kernel_set("avx1024"));
    FAIL("avx1024 exists");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK_THAT(error.what(), Catch::Contains("avx1024") && Catch::Contains("portable"));
  }
}

TEST_CASE("add sums its injections") {
  Random random(1);
  for_rows([&](const KernelSet& kernels, std::int64_t n, std::int64_t gap) {
    const EdgeMatrix<float> a(5, n, gap), b(5, n), start(5, n);
    for (const auto* m : {&a, &b, &start}) m->fill(random);
    const std::array injections = {a.read(), b.read(), a.read()};
    for (std::size_t count = 0; count <= injections.size(); ++count) {
      const EdgeMatrix<float> h(5, n, gap);
      h.fill([&](auto r, auto c) { return start(r, c); });
      kernels.add(h.view(), std::span(injections).first(count));
      std::int64_t wrong = 0;
      for (std::int64_t r = 0; r < 5; ++r) {
        for (std::int64_t c = 0; c < n; ++c) {
          float expected = start(r, c);  // sums are in order: exact
          for (std::size_t i = 0; i < count; ++i) expected += injections[i].row(r)[c];
          wrong += h(r, c) != expected;
        }
      }
      CHECK(wrong == 0);
      CHECK(h.outside_is_untouched());
    }
  });
}

TEST_CASE("rms_norm divides by the root of the mean square") {
  Random random(2);
  for_rows([&](const KernelSet& kernels, std::int64_t n, std::int64_t gap) {
    const EdgeMatrix<float> h(6, n, gap), before(6, n);
    before.fill([&](auto r, auto) {
      const float magnitudes[] = {1.0F, 1e-3F, 1e6F, 0.0F, 1e-42F, 1e15F};
      return random() * magnitudes[r];
    });
    h.fill([&](auto r, auto c) { return before(r, c); });
    const double eps = 1e-5F;
    kernels.rms_norm(h.view(), 1e-5F);
    double worst = 0;
    for (std::int64_t r = 0; r < 6; ++r) {
      double squares = 0;
      for (std::int64_t c = 0; c < n; ++c) squares += std::pow(static_cast<double>(before(r, c)), 2);
      for (std::int64_t c = 0; c < n; ++c) {
        const double expected = before(r, c) / std::sqrt(squares / static_cast<double>(n) + eps);
        worst = std::max(worst, std::abs(h(r, c) - expected) / (std::abs(expected) + 1e-38));
      }
    }
    CHECK(worst <= summation(kernels, n));
    CHECK(h.outside_is_untouched());
  });
}

TEST_CASE("scale_rows multiplies") {
  Random random(3);
  for_rows([&](const KernelSet& kernels, std::int64_t n, std::int64_t gap) {
    const EdgeMatrix<float> h(5, n, gap), before(5, n), factor(1, 5);
    before.fill(random);
    factor.fill(random);
    h.fill([&](auto r, auto c) { return before(r, c); });
    kernels.scale_rows(h.view(), factor.data());
    std::int64_t wrong = 0;
    for (std::int64_t r = 0; r < 5; ++r)
      for (std::int64_t c = 0; c < n; ++c) wrong += h(r, c) != before(r, c) * factor(0, r);
    CHECK(wrong == 0);
    CHECK(h.outside_is_untouched());
  });
}

TEST_CASE("softmax") {
  Random random(4);
  for_rows([&](const KernelSet& kernels, std::int64_t n, std::int64_t gap) {
    for (const float scale : {1.0F, 0.125F, 0.3F}) {
      const EdgeMatrix<float> scores(4, n, gap), before(4, n), inverse_sum(1, 4);
      before.fill([&](auto r, auto) { return random() * std::pow(10.0F, static_cast<float>(r)); });
      scores.fill([&](auto r, auto c) { return before(r, c); });
      kernels.softmax(scores.view(), scale, inverse_sum.data());
      double worst = 0, worst_sum = 0;
      for (std::int64_t r = 0; r < 4; ++r) {
        const double top = *std::max_element(before.view().row(r), before.view().row(r) + n);
        double sum = 0;
        for (std::int64_t c = 0; c < n; ++c) {
          const double x = scale * (before(r, c) - top);
          // Each of two roundings of x changes e^x by |x| units; exp is clamped at e^-87.
          const double allowed = (2 * std::abs(x) + 4) * unit_roundoff * std::exp(x) + 2e-38;
          worst = std::max(worst, std::abs(scores(r, c) - std::exp(x)) / allowed);
          sum += static_cast<double>(scores(r, c));
        }
        worst_sum = std::max(worst_sum, std::abs(inverse_sum(0, r) * sum - 1.0));
      }
      CHECK(worst <= 1.0);
      CHECK(worst_sum <= summation(kernels, n));
      CHECK(scores.outside_is_untouched());
      CHECK(inverse_sum.outside_is_untouched());
    }
  });
}

TEST_CASE("exp is right to two units in the last place over all of softmax's range") {
  for (const KernelSet* kernels : available_kernel_sets()) {
    CAPTURE(kernels->name);
    const std::int64_t n = 100001;
    const EdgeMatrix<float> scores(1, n), inverse_sum(1, 1);
    const auto argument = [](auto, auto c) { return -87.0F * static_cast<float>(c) / 100000.0F; };
    scores.fill(argument);
    kernels->softmax(scores.view(), 1.0F, inverse_sum.data());
    double worst = 0;
    for (std::int64_t c = 0; c < n; ++c) {
      const double expected = std::exp(static_cast<double>(argument(0, c)));
      const double unit = std::ldexp(1.0, std::ilogb(expected) - 23);
      worst = std::max(worst, std::abs(scores(0, c) - expected) / unit);
    }
    CHECK(worst <= 2.0);
  }
}

TEST_CASE("softmax of huge scores, and of a single one") {
  for_rows([&](const KernelSet& kernels, std::int64_t n, std::int64_t gap) {
    const EdgeMatrix<float> scores(3, n, gap), inverse_sum(1, 3);
    const float tops[] = {1e30F, -1e30F, FLT_MAX};
    const float rests[] = {-1e30F, -2e30F, -FLT_MAX};
    scores.fill([&](auto r, auto c) { return c == n / 2 ? tops[r] : rests[r]; });
    kernels.softmax(scores.view(), 0.125F, inverse_sum.data());
    std::int64_t wrong = 0;
    for (std::int64_t r = 0; r < 3; ++r) {
      wrong += inverse_sum(0, r) != 1.0F;
      for (std::int64_t c = 0; c < n; ++c) {
        wrong += c == n / 2 ? scores(r, c) != 1.0F : !(scores(r, c) >= 0.0F && scores(r, c) <= 2e-38F);
      }
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("rotate turns pairs of channels") {
  Random random(5);
  for_rows([&](const KernelSet& kernels, std::int64_t half, std::int64_t gap) {
    const EdgeMatrix<float> x(5, 2 * half, gap), before(5, 2 * half), cos(5, half), sin(5, half);
    for (const auto* m : {&before, &cos, &sin}) m->fill(random);
    x.fill([&](auto r, auto c) { return before(r, c); });
    kernels.rotate(x.view(), cos.read(), sin.read());
    double worst = 0;
    for (std::int64_t r = 0; r < 5; ++r) {
      for (std::int64_t i = 0; i < half; ++i) {
        const double a = before(r, i), b = before(r, half + i), c = cos(r, i), s = sin(r, i);
        const double allowed = 2 * unit_roundoff * (std::abs(a) + std::abs(b)) * (std::abs(c) + std::abs(s));
        worst = std::max({worst, std::abs(x(r, i) - (a * c - b * s)) / allowed,
                          std::abs(x(r, half + i) - (b * c + a * s)) / allowed});
      }
    }
    CHECK(worst <= 1.0);
    CHECK(x.outside_is_untouched());
  });
}

TEST_CASE("transpose") {
  Random random(6);
  for_rows([&](const KernelSet& kernels, std::int64_t rows, std::int64_t gap) {
    for (const std::int64_t cols : {1, 5, 16, 33, 64, 97}) {
      CAPTURE(cols);
      const EdgeMatrix<float> in(rows, cols, gap), out(cols, rows, 3 - gap);
      in.fill(random);
      kernels.transpose(in.read(), out.view());
      std::int64_t wrong = 0;
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < cols; ++c) wrong += out(c, r) != in(r, c);
      CHECK(wrong == 0);
      CHECK(out.outside_is_untouched());
    }
  });
}

}  // namespace
}  // namespace trm::runtime_row_kernels_test
