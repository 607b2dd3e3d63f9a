#include "quant/measures.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "quant/quantize.hpp"
#include "tests/catch.hpp"

namespace trm::quant_measures_test {

using Floats = std::vector<float>;

TEST_CASE("SQNR is the ratio of powers in decibels") {
  // Signal 1 + 4 + 9 + 16, noise 1.
  CHECK(sqnr_db(Floats{1, 2, 3, 4}, Floats{1, 2, 3, 5}) == Approx(14.771212547196624));
  CHECK(sqnr_db(Floats{1, 2, 3, 4}, Floats{-1, -2, -3, -4}) == Approx(-6.020599913279624));  // error twice the signal
  CHECK(sqnr_db(Floats{1, 2}, Floats{1, 2}) == INFINITY);
  CHECK(sqnr_db(Floats{0, 0}, Floats{0, 0}) == INFINITY);
  CHECK(sqnr_db(Floats{0, 0}, Floats{0, 1}) == -INFINITY);
}

TEST_CASE("the cosine of vectors in pieces is that of the whole") {
  Cosine whole;
  whole.add(Floats{3, 4, 0}, Floats{4, 3, 0});
  CHECK(whole.value() == Approx(0.96));
  Cosine first;
  first.add(Floats{3}, Floats{4});
  Cosine pieces;
  pieces.add(first);
  pieces.add(Floats{4, 0}, Floats{3, 0});
  CHECK(pieces.value() == Approx(0.96));
  CHECK(Cosine{}.value() == 1);
  Cosine one_zero;
  one_zero.add(Floats{0, 0}, Floats{1, 2});
  CHECK(one_zero.value() == 0);
}

TEST_CASE("carry fidelity is a mean over rows, of views with a stride too") {
  // Rows (3, 4) and (1, 0) against (4, 3) and (0, 1), the last column unseen.
  const Floats a{3, 4, 9, 1, 0, 9};
  const Floats b{4, 3, 7, 0, 1, 5};
  CHECK(mean_cosine({a.data(), 2, 2, 3}, {b.data(), 2, 2, 3}) == Approx((0.96 + 0) / 2));
  CHECK(mean_cosine({a.data(), 2, 3}, {a.data(), 2, 3}) == Approx(1));
}

TEST_CASE("agreement counts cells") {
  const std::vector<std::int32_t> a{1, 2, 3, 4};
  CHECK(agreeing(a, std::vector<std::int32_t>{1, 0, 3, 0}) == 2);
  CHECK(agreeing(a, a) == 4);
}

// An error uniform in half a unit either way has a variance of a twelfth of the unit squared.
TEST_CASE("int8 weights and back lose what rounding loses") {
  constexpr std::int64_t rows = 64, cols = 512;
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Floats weights(rows * cols);
  for (float& w : weights) w = uniform(random);
  std::vector<std::int8_t> q(weights.size());
  Floats scale(rows), back(weights.size());
  quantize_int8({weights.data(), rows, cols}, q.data(), scale.data());
  dequantize_int8({q.data(), rows, cols}, scale.data(), back.data());
  // Weights uniform in [-1, 1] have variance 1/3, the unit is 1/127: a ratio of 4 * 127^2.
  CHECK(sqnr_db(weights, back) == Approx(10 * std::log10(4.0 * 127 * 127)).margin(0.1));
  for (std::size_t i = 0; i < weights.size(); ++i) REQUIRE(std::fabs(weights[i] - back[i]) <= 0.501F / 127);
}

}  // namespace trm::quant_measures_test
