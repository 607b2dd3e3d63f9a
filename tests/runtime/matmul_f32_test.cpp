// float32 products of every kernel set against Eigen in double.

#include <Eigen/Core>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "runtime/kernels/kernel_set.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/edge_packed.hpp"

namespace trm::runtime_matmul_f32_test {
namespace {

using Matrix = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr double unit_roundoff = 0x1p-24;

Matrix to_double(MatrixView<const float> m) {
  Matrix d(m.rows, m.cols);
  for (std::int64_t r = 0; r < m.rows; ++r)
    for (std::int64_t c = 0; c < m.cols; ++c) d(r, c) = m.row(r)[c];
  return d;
}

// A W^T, and how far a float32 result with partial sums of 128 products may be from it.
struct Product {
  Matrix value;
  Matrix bound;

  Product(const Matrix& a, const Matrix& w)
      : value(a.matrix() * w.matrix().transpose()), bound(a.abs().matrix() * w.abs().matrix().transpose()) {
    const auto k = static_cast<double>(a.cols());
    bound *= (std::min(k, 128.0) + k / 128.0 + 2.0) * unit_roundoff;
  }
};

Matrix silu(const Matrix& x) {
  return x / (1.0 + (-x).exp());
}

// The largest error of `out` as a share of what is allowed.
double worst(MatrixView<const float> out, const Matrix& expected, const Matrix& bound) {
  return ((to_double(out) - expected).abs() / (bound + 1e-30)).maxCoeff();
}

EdgePacked packed(const KernelSet& kernels, const EdgeMatrix<float>& w, PanelOrder order) {
  return {kernels, [&](Arena& arena) { return pack(kernels, w.read(), order, arena); }};
}

// Products of the last `m` rows of a, for every m of `heights`: the weights are packed once, because packing starts
// threads.
void check_store_and_add(const std::vector<std::int64_t>& heights, std::int64_t k, std::int64_t n, std::int64_t gap,
                         Random& random) {
  const std::int64_t most = heights.back();
  const EdgeMatrix<float> a(most, k, gap), w(n, k, gap), residual(most, n, gap);
  for (const auto* matrix : {&a, &w, &residual}) matrix->fill(random);
  const Product product(to_double(a.read()), to_double(w.read()));
  const Matrix sum = product.value + to_double(residual.read());
  const Matrix sum_bound = product.bound + sum.abs() * unit_roundoff;
  for (const KernelSet* kernels : available_kernel_sets()) {
    const auto b = packed(*kernels, w, PanelOrder::plain);
    for (const auto m : heights) {
      CAPTURE(kernels->name, m, k, n, gap);
      const auto rows = a.read().block(most - m, m);
      const auto residual_rows = residual.read().block(most - m, m);
      const EdgeMatrix<float> out(m, n, gap), added(m, n, gap), in_place(m, n, gap);
      kernels->matmul_f32(rows, {.b = &*b, .out = out.view()});
      CHECK(worst(out.read(), product.value.bottomRows(m), product.bound.bottomRows(m)) <= 1.0);
      CHECK(out.outside_is_untouched());

      kernels->matmul_f32(rows, {.b = &*b, .out = added.view(), .residual = residual_rows, .epilogue = Epilogue::add});
      CHECK(worst(added.read(), sum.bottomRows(m), sum_bound.bottomRows(m)) <= 1.0);
      CHECK(added.outside_is_untouched());

      in_place.fill([&](auto r, auto c) { return residual_rows.row(r)[c]; });
      kernels->matmul_f32(rows,
                          {.b = &*b, .out = in_place.view(), .residual = in_place.read(), .epilogue = Epilogue::add});
      CHECK((to_double(in_place.read()) == to_double(added.read())).all());
      CHECK(in_place.outside_is_untouched());
    }
  }
}

void check_swiglu(const std::vector<std::int64_t>& heights, std::int64_t k, std::int64_t units, std::int64_t gap,
                  Random& random) {
  const std::int64_t most = heights.back();
  const EdgeMatrix<float> a(most, k, gap), w(2 * units, k, gap);
  a.fill(random);
  w.fill(random);
  const Product product(to_double(a.read()), to_double(w.read()));
  const Matrix gate = product.value.leftCols(units), up = product.value.rightCols(units);
  const Matrix expected = silu(gate) * up;
  // |silu'| <= 1.1; exp, reciprocal and two multiplications round to within 8 units.
  const Matrix bound = 1.1 * product.bound.leftCols(units) * up.abs() +
                       (silu(gate).abs() + 1.1 * product.bound.leftCols(units)) * product.bound.rightCols(units) +
                       8 * unit_roundoff * expected.abs();
  for (const KernelSet* kernels : available_kernel_sets()) {
    const auto b = packed(*kernels, w, PanelOrder::gate_up);
    for (const auto m : heights) {
      CAPTURE(kernels->name, m, k, units, gap);
      const EdgeMatrix<float> out(m, units, gap);
      kernels->matmul_f32(a.read().block(most - m, m), {.b = &*b, .out = out.view(), .epilogue = Epilogue::swiglu});
      CHECK(worst(out.read(), expected.bottomRows(m), bound.bottomRows(m)) <= 1.0);
      CHECK(out.outside_is_untouched());
    }
  }
}

std::vector<std::int64_t> up_to(std::int64_t most) {
  std::vector<std::int64_t> heights(static_cast<std::size_t>(most));
  std::iota(heights.begin(), heights.end(), 1);
  return heights;
}

TEST_CASE("float32 products agree with Eigen at every shape") {
  Random random(1);
  const std::int64_t sizes[] = {1, 3, 5, 7, 97, 100, 130, 916};
  for (const auto k : sizes)
    for (const auto n : sizes) check_store_and_add({random.integer(1, 30)}, k, n, random.integer(0, 1) * 3, random);
}

TEST_CASE("float32 products agree with Eigen for every number of rows") {
  Random random(2);
  check_store_and_add(up_to(60), 37, 51, 0, random);
}

TEST_CASE("float32 SwiGLU agrees with Eigen") {
  Random random(3);
  for (const std::int64_t k : {1, 3, 97, 130, 512})
    for (const std::int64_t units : {16, 32, 80, 256}) check_swiglu({random.integer(1, 30)}, k, units, 5, random);
  check_swiglu(up_to(60), 9, 48, 0, random);
}

TEST_CASE("silu is right far from zero and its gate may have any size") {
  const std::int64_t units = 32;
  const float gates[] = {0.0F, -0.0F, 1e-40F, -1e-40F, 1e-6F, -1e-6F, 20.0F, -20.0F, 86.0F, -86.0F, 1e4F, -1e4F, 3e38F};
  for (const KernelSet* kernels : available_kernel_sets()) {
    const EdgeMatrix<float> w(2 * units, 1);
    w.fill([&](auto r, auto) { return r < units ? gates[static_cast<std::size_t>(r) % std::size(gates)] : 1.0F; });
    const auto b = packed(*kernels, w, PanelOrder::gate_up);
    const EdgeMatrix<float> one(1, 1), out(1, units);
    one(0, 0) = 1.0F;
    kernels->matmul_f32(one.read(), {.b = &*b, .out = out.view(), .epilogue = Epilogue::swiglu});
    for (std::int64_t i = 0; i < units; ++i) {
      const double x = w(i, 0);
      CAPTURE(kernels->name, x);
      // exp is clamped at e^88: a result that should be 0 is 1e-33 at most.
      CHECK(std::abs(out(0, i) - x / (1.0 + std::exp(-x))) <=
            8 * unit_roundoff * std::abs(x) / (1.0 + std::exp(-x)) + 1e-33);
    }
  }
}

TEST_CASE("a row's float32 product does not depend on the rows beside it") {
  Random random(4);
  const std::int64_t m = 60, k = 300, n = 70;
  const EdgeMatrix<float> a(m, k), w(n, k);
  a.fill(random);
  w.fill(random);
  for (const KernelSet* kernels : available_kernel_sets()) {
    const auto b = packed(*kernels, w, PanelOrder::plain);
    const EdgeMatrix<float> together(m, n);
    kernels->matmul_f32(a.read(), {.b = &*b, .out = together.view()});
    for (std::int64_t count = 1; count < m; ++count) {
      CAPTURE(kernels->name, count);
      const EdgeMatrix<float> part(count, n);
      kernels->matmul_f32(a.read().block(m - count, count), {.b = &*b, .out = part.view()});
      CHECK(std::memcmp(part.data(), together.view().row(m - count),
                        static_cast<std::size_t>(count * n) * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("NaN and infinity stay in their row of a float32 product") {
  Random random(5);
  const std::int64_t m = 20, k = 33, n = 21;
  const EdgeMatrix<float> a(m, k), w(n, k);
  a.fill(random);
  w.fill(random);
  a(3, 32) = std::nanf("");
  a(9, 0) = INFINITY;
  for (const KernelSet* kernels : available_kernel_sets()) {
    CAPTURE(kernels->name);
    const auto b = packed(*kernels, w, PanelOrder::plain);
    const EdgeMatrix<float> out(m, n);
    kernels->matmul_f32(a.read(), {.b = &*b, .out = out.view()});
    const Matrix result = to_double(out.read());
    for (std::int64_t r = 0; r < m; ++r) {
      CAPTURE(r);
      if (r == 3) CHECK(result.row(r).isNaN().all());
      if (r == 9) CHECK(result.row(r).isInf().all());
      if (r != 3 && r != 9) CHECK(result.row(r).isFinite().all());
    }
  }
}

}  // namespace
}  // namespace trm::runtime_matmul_f32_test
