// Rows to seven bits, on every kernel set.

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/edge_matrix.hpp"

namespace trm::runtime_quantize_rows_test {
namespace {

constexpr std::int64_t widths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 97, 130, 916};

// Rows of bytes whose last byte touches an unreadable page: the kernels write neither into their padding nor beyond.
struct Bytes {
  EdgeMatrix<std::uint8_t> q;
  EdgeMatrix<float> scale;

  Bytes(std::int64_t rows, std::int64_t cols) : q(rows, cols, round_up(cols, k_group) - cols), scale(rows, 1, 2) {}
  [[nodiscard]] QuantizedRows rows() const {
    return {.data = q.data(),
            .rows = q.view().rows,
            .cols = q.view().cols,
            .stride = q.view().stride,
            .scale = scale.data(),
            .scale_stride = 3};
  }
};

TEST_CASE("quantize rounds every value to the nearest unit") {
  Random random(1);
  for (const auto n : widths) {
    const EdgeMatrix<float> in(7, n, n % 4);
    // The last row is so small that 63 over its peak is beyond float32: it may become zero.
    const float magnitudes[] = {1.0F, 1e-6F, 1e6F, 0.0F, 1e-30F, 1e37F, 1e-40F};
    in.fill([&](auto r, auto) { return std::clamp(random(), -5.0F, 5.0F) * magnitudes[r]; });
    const Bytes reference(7, n);
    kernel_set("portable").quantize(in.read(), reference.rows());
    for (const KernelSet* kernels : available_kernel_sets()) {
      CAPTURE(kernels->name, n);
      const Bytes out(7, n);
      kernels->quantize(in.read(), out.rows());
      double worst = 0;
      std::int64_t unlike_portable = 0;
      int largest = 0;
      for (std::int64_t r = 0; r < 7; ++r) {
        double peak = 0;
        for (std::int64_t c = 0; c < n; ++c) peak = std::max(peak, std::abs(static_cast<double>(in(r, c))));
        const double scale = out.scale(r, 0);
        CHECK(std::abs(scale - peak / 63.0) <= 1e-7 * scale + 1e-44);
        unlike_portable += out.scale(r, 0) != reference.scale(r, 0);
        int row_largest = 0;
        for (std::int64_t c = 0; c < n; ++c) {
          const int q = out.q(r, c) - activation_zero_point;
          worst = std::max(worst, std::abs(scale * q - in(r, c)) / (scale * 0.50001 + 4e-37));
          row_largest = std::max(row_largest, std::abs(q));
          unlike_portable += out.q(r, c) != reference.q(r, c);
        }
        if (peak > 1e-36) CHECK(row_largest == 63);
        if (peak == 0) CHECK(row_largest == 0);
        largest = std::max(largest, row_largest);
      }
      CHECK(worst <= 1.0);
      CHECK(largest <= 64);
      CHECK(unlike_portable == 0);
      CHECK(out.q.outside_is_untouched());
      CHECK(out.scale.outside_is_untouched());
    }
  }
}

TEST_CASE("quantize gives a row that is not finite the scale NaN") {
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const auto n : widths) {
      for (const float bad : {INFINITY, -INFINITY, NAN}) {
        for (const std::int64_t place : {std::int64_t{0}, n / 2, n - 1}) {
          CAPTURE(kernels->name, n, bad, place);
          const EdgeMatrix<float> in(3, n);
          in.fill([](auto, auto c) { return 1.0F + static_cast<float>(c); });
          in(1, place) = bad;
          const Bytes out(3, n);
          kernels->quantize(in.read(), out.rows());
          CHECK(std::isnan(out.scale(1, 0)));
          CHECK(out.scale(0, 0) == out.scale(2, 0));
          CHECK(std::isfinite(out.scale(0, 0)));
          CHECK(*std::max_element(out.q.view().row(1), out.q.view().row(1) + n) <= 127);
        }
      }
    }
  }
}

// Scores, factors and a kernel set's results, padded as the contract demands.
struct Softmax {
  EdgeMatrix<float> scores, factor, of_rows;  // of_rows: top, sum, lost, keep, weight
  Bytes high, low;

  Softmax(const KernelSet& kernels, std::int64_t rows, std::int64_t n)
      : Softmax(rows, n, round_up(n, probability_group(kernels)), round_up(rows, kernels.vector_columns)) {}
  Softmax(std::int64_t rows, std::int64_t n, std::int64_t padded, std::int64_t padded_rows)
      : scores(rows, padded), factor(1, padded), of_rows(5, padded_rows), high(rows, padded), low(rows, padded), n_(n) {
    of_rows.fill([](auto i, auto) { return i == 0 ? -INFINITY : 0.0F; });
  }

  // A further chunk: score(r, c), and factor(c) from 0 to 1.
  template <class Score, class Factor>
  void add_chunk(const KernelSet& kernels, bool one_plane, float scale, Score&& score, Factor&& part) const {
    scores.fill([&](auto r, auto c) { return c < n_ ? score(r, c) : -INFINITY; });
    factor.fill([&](auto, auto c) { return c < n_ ? (one_plane ? 255.0F : 16383.0F) * part(c) : 0.0F; });
    Probabilities out{.high = high.rows(), .low = low.rows()};
    if (one_plane) out.low.data = nullptr;
    float** const arrays[] = {&out.top, &out.sum, &out.lost, &out.keep, &out.weight};
    for (std::int64_t i = 0; i < 5; ++i) *arrays[i] = of_rows.view().row(i);
    kernels.probabilities(scores.read(), scale, factor.data(), out);
  }
  [[nodiscard]] float top(std::int64_t r) const { return of_rows(0, r); }
  [[nodiscard]] float sum(std::int64_t r) const { return of_rows(1, r); }
  [[nodiscard]] float lost(std::int64_t r) const { return of_rows(2, r); }
  [[nodiscard]] float keep(std::int64_t r) const { return of_rows(3, r); }
  [[nodiscard]] float weight(std::int64_t r) const { return of_rows(4, r); }

 private:
  std::int64_t n_;
};

// Checks row r of a first chunk against exponentials in double.
void check_row(const Softmax& out, bool one_plane, float scale, std::int64_t n, std::int64_t r) {
  double top = out.scores(r, 0), sum = 0, worst = 0, lost = 0, parts = 0;
  for (std::int64_t c = 0; c < n; ++c) top = std::max<double>(top, out.scores(r, c));
  int largest = 0;
  for (std::int64_t c = 0; c < out.scores.read().cols; ++c) {
    const double p = std::exp(scale * (out.scores(r, c) - top));
    sum += p;
    const double exact = p * out.factor(0, c);
    const double rounded = one_plane ? out.high.q(r, c) : 128.0 * out.high.q(r, c) + out.low.q(r, c);
    worst = std::max(worst, std::abs(rounded - exact) - 1.1e-4 * exact);
    lost += exact - rounded;
    parts += exact;
    if (!one_plane) largest = std::max<int>({largest, out.high.q(r, c), out.low.q(r, c)});
  }
  CHECK(worst <= 0.5 + 1e-3);
  CHECK(largest <= 127);
  CHECK(std::abs(out.sum(r) / sum - 1) <= 1.1e-4);
  CHECK(out.top(r) == static_cast<float>(top));
  CHECK(out.weight(r) == 1.0F);
  CHECK(std::abs(out.lost(r) - lost) <= 1.2e-4 * parts + 1e-3);
}

TEST_CASE("probabilities are a softmax in fourteen or eight bits") {
  for (const auto n : widths) {
    for (const float scale : {0.125F, 1.0F}) {
      for (const bool one_plane : {false, true}) {
        for (const KernelSet* kernels : available_kernel_sets()) {
          CAPTURE(kernels->name, n, scale, one_plane);
          Random random(2);
          const std::int64_t rows = kernels->query_rows;
          const Softmax out(*kernels, rows, n);
          const auto score = [&](auto r, auto c) {
            if (r == 0) return -3.0F;
            if (r == 1) return c % 2 == 0 ? 1e3F : -1e3F;
            return random() * (r == 2 ? 0.5F : r == 3 ? 20.0F : 2000.0F);
          };
          out.add_chunk(*kernels, one_plane, scale, score,
                        [&](auto c) { return c % 3 == 0 ? 1.0F : std::exp(-std::abs(random())); });
          for (std::int64_t r = 0; r < rows; ++r) check_row(out, one_plane, scale, n, r);
          CHECK(out.high.q.outside_is_untouched());
          CHECK(out.low.q.outside_is_untouched());
          CHECK(out.high.scale.outside_is_untouched());
          CHECK(out.of_rows.outside_is_untouched());
        }
      }
    }
  }
}

// The same scores in one chunk and in three, the largest in the first, the second or the last.
TEST_CASE("a softmax over chunks is the softmax over all of them") {
  constexpr std::int64_t n = 33;
  constexpr float scale = 0.125F;
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const bool one_plane : {false, true}) {
      CAPTURE(kernels->name, one_plane);
      Random random(3);
      const EdgeMatrix<float> all(3, 3 * n);
      all.fill([&](auto r, auto c) { return 10.0F * random() + (c / n == r ? 40.0F : 0.0F); });
      const Softmax out(*kernels, 3, n);
      double earlier[3] = {};  // the sum over high and low so far, as attention adds values
      for (std::int64_t chunk = 0; chunk < 3; ++chunk) {
        out.add_chunk(
            *kernels, one_plane, scale, [&](auto r, auto c) { return all(r, chunk * n + c); },
            [](auto) { return 1.0F; });
        for (std::int64_t r = 0; r < 3; ++r) {
          double here = 0;
          for (std::int64_t c = 0; c < n; ++c)
            here += one_plane ? out.high.q(r, c) / 255.0 : (128 * out.high.q(r, c) + out.low.q(r, c)) / 16383.0;
          earlier[r] = earlier[r] * out.keep(r) + here * out.weight(r);
        }
      }
      for (std::int64_t r = 0; r < 3; ++r) {
        double top = all(r, 0), sum = 0;
        for (std::int64_t c = 0; c < 3 * n; ++c) top = std::max<double>(top, all(r, c));
        for (std::int64_t c = 0; c < 3 * n; ++c) sum += std::exp(scale * (all(r, c) - top));
        CHECK(out.top(r) == static_cast<float>(top));
        CHECK(std::abs(out.sum(r) / sum - 1) <= 3e-4);
        const double given_back = one_plane ? out.lost(r) / 255.0 : 0.0;
        CHECK(std::abs((earlier[r] + given_back) / sum - 1) <= (one_plane ? 3e-4 : 3e-3));
      }
    }
  }
}

TEST_CASE("a score that is not a number makes its row's sum one") {
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const auto n : widths) {
      for (const std::int64_t place : {std::int64_t{0}, n / 2, n - 1}) {
        for (const bool one_plane : {false, true}) {
          CAPTURE(kernels->name, n, place, one_plane);
          const Softmax out(*kernels, 3, n);
          for (int chunk = 0; chunk < 2; ++chunk) {  // it stays one
            out.add_chunk(
                *kernels, one_plane, 0.125F,
                [&](auto r, auto c) { return chunk == 0 && r == 1 && c == place ? NAN : static_cast<float>(c % 5); },
                [](auto) { return 1.0F; });
          }
          CHECK(std::isnan(out.sum(1)));
          CHECK(std::isfinite(out.sum(0)));
          CHECK(out.sum(0) == out.sum(2));
        }
      }
    }
  }
}

}  // namespace
}  // namespace trm::runtime_quantize_rows_test
