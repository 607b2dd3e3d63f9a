// Attention in float32 and in int8, on every kernel set, against plain attention in double.

#include "runtime/attention.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/catch.hpp"
#include "tests/runtime/edge_matrix.hpp"

namespace trm::runtime_attention_test {
namespace {

using Doubles = std::vector<double>;  // [T, columns]

Doubles to_double(MatrixView<const float> m) {
  Doubles out;
  for (std::int64_t r = 0; r < m.rows; ++r) out.insert(out.end(), m.row(r), m.row(r) + m.cols);
  return out;
}

// Rotates queries and keys of qkv [T, 3 heads head_dim].
void rotate(const AttentionShape& shape, double theta, Doubles& qkv) {
  const std::int64_t half = shape.head_dim / 2;
  for (std::int64_t t = 0; t < shape.tokens; ++t) {
    for (std::int64_t head = 0; head < 2 * shape.num_heads; ++head) {
      double* x = qkv.data() + t * 3 * shape.width() + head * shape.head_dim;
      for (std::int64_t i = 0; i < half; ++i) {
        const double angle = static_cast<double>(t) *
                             std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(shape.head_dim));
        const double a = x[i], b = x[half + i];
        x[i] = a * std::cos(angle) - b * std::sin(angle);
        x[half + i] = b * std::cos(angle) + a * std::sin(angle);
      }
    }
  }
}

// softmax(q k^T / (sqrt(head_dim) temperature)) v, [T, heads head_dim]; causal or over all tokens.
Doubles plain_attention(const AttentionShape& shape, const Doubles& qkv) {
  const std::int64_t dim = shape.head_dim, width = shape.width();
  Doubles out(static_cast<std::size_t>(shape.tokens * width));
  Doubles p(static_cast<std::size_t>(shape.tokens));
  for (std::int64_t head = 0; head < shape.num_heads; ++head) {
    const auto at = [&](std::int64_t t, std::int64_t third) {
      return qkv.data() + (t * 3 + third) * width + head * dim;
    };
    for (std::int64_t t = 0; t < shape.tokens; ++t) {
      double sum = 0;
      const std::int64_t keys = shape.causal ? t + 1 : shape.tokens;
      for (std::int64_t u = 0; u < keys; ++u) {
        double score = 0;
        for (std::int64_t i = 0; i < dim; ++i) score += at(t, 0)[i] * at(u, 1)[i];
        const double factor = std::sqrt(static_cast<double>(dim)) * static_cast<double>(shape.temperature);
        p[static_cast<std::size_t>(u)] = std::exp(score / factor);
        sum += p[static_cast<std::size_t>(u)];
      }
      double* mixed = out.data() + t * width + head * dim;
      for (std::int64_t u = 0; u < keys; ++u)
        for (std::int64_t i = 0; i < dim; ++i) mixed[i] += p[static_cast<std::size_t>(u)] / sum * at(u, 2)[i];
    }
  }
  return out;
}

// Rounds every head of every token to seven bits: the queries, keys and values of int8 attention.
Doubles seven_bits(const AttentionShape& shape, Doubles qkv) {
  for (auto head = qkv.begin(); head != qkv.end(); head += shape.head_dim) {
    float peak = 0;
    for (auto x = head; x != head + shape.head_dim; ++x) peak = std::max(peak, std::abs(static_cast<float>(*x)));
    if (peak == 0.0F) continue;
    for (auto x = head; x != head + shape.head_dim; ++x)
      *x = static_cast<double>(peak) / 63.0 * std::nearbyint(static_cast<float>(*x) * (63.0F / peak));
  }
  return qkv;
}

struct Result {
  Doubles mixed;  // [T, heads head_dim]
  Doubles qkv;    // as stored: rotated
};

// Stores qkv in blocks of `block` tokens, then attends in blocks of as many.
Result attention(WeightType type, const KernelSet& kernels, const AttentionShape& shape, MatrixView<const float> qkv,
                 double theta, std::int64_t block) {
  Scratch scratch;
  AttentionState state;
  RotaryTable rotary;
  const auto arena = Arena::sized([&](Arena& a) {
    scratch = take_scratch(a, kernels,
                           {.wide = 3 * shape.width(),
                            .mixed = shape.width(),
                            .tokens_f32 = type == WeightType::f32 ? shape.tokens : 0,
                            .tokens_int8 = type == WeightType::f32 ? 0 : shape.tokens,
                            .quantizes = type != WeightType::f32});
    state = take_attention_state(a, kernels, shape, type);
    if (theta > 0) rotary = rotary_table(shape.tokens, shape.head_dim, theta, a);
  });
  const EdgeMatrix<float> rows(shape.tokens, qkv.cols), mixed(shape.tokens, shape.width(), 3);
  rows.fill([&](auto r, auto c) { return qkv.row(r)[c]; });
  for (const bool storing : {true, false}) {
    for (std::int64_t head = 0; !storing && head < heads_to_prepare(state); ++head) {
      prepare_head(state, 1, head, scratch);
    }
    for (std::int64_t first = 0; first < shape.tokens; first += block) {
      const std::int64_t count = std::min(block, shape.tokens - first);
      const auto part = rows.view().block(first, count);
      const auto out = mixed.view().block(first, count);
      if (storing) store_queries_keys_values(state, 1, rotary, part, first, scratch);
      if (!storing) attend(state, 1, first, scratch, out);
    }
  }
  CHECK(mixed.outside_is_untouched());
  return {to_double(mixed.read()), to_double(rows.read())};
}

double worst_difference(const Doubles& a, const Doubles& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

double relative_difference(const Doubles& a, const Doubles& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

// body(shape, qkv, theta) for odd and even sizes, over all tokens and causal; theta 0 is no rotary positions.
template <class Body>
void for_shapes(Body&& body) {
  Random random(1);
  for (const std::int64_t dim : {1, 2, 6, 10, 24, 40, 64, 160}) {
    for (const std::int64_t tokens : {1, 2, 7, 33, 97, 130, 600}) {
      if (tokens > 130 && dim != 10 && dim != 64) continue;
      const AttentionShape shape{.tokens = tokens, .num_heads = 1 + (dim + tokens) % 3, .head_dim = dim};
      const EdgeMatrix<float> qkv(tokens, 3 * shape.width());
      qkv.fill(random);
      for (const double theta : {0.0, 10000.0}) {
        if (theta > 0 && dim % 2 != 0) continue;
        CAPTURE(dim, tokens, theta);
        body(shape, qkv.read(), theta);
      }
      AttentionShape causal = shape;
      causal.causal = true;
      causal.temperature = 1.5F;
      CAPTURE(dim, tokens, causal.causal);
      body(causal, qkv.read(), 0.0);
    }
  }
}

TEST_CASE("float32 attention agrees with plain attention") {
  for_shapes([](const AttentionShape& shape, MatrixView<const float> qkv, double theta) {
    Doubles rotated = to_double(qkv);
    if (theta > 0) rotate(shape, theta, rotated);
    const Doubles expected = plain_attention(shape, rotated);
    for (const KernelSet* kernels : available_kernel_sets()) {
      CAPTURE(kernels->name);
      const Result result = attention(WeightType::f32, *kernels, shape, qkv, theta, 41);
      // The table's angles are float32, of up to `tokens` radians.
      CHECK(worst_difference(result.qkv, rotated) <=
            3e-7 * static_cast<double>(std::max<std::int64_t>(shape.tokens, 130)));
      CHECK(worst_difference(result.mixed, expected) <= 4e-5);
    }
  });
}

// From plain attention over the same seven-bit numbers it differs by the rounding of probabilities to fourteen bits and
// of sums to float32 only; from plain attention over the original numbers by the rounding to seven bits, too.
TEST_CASE("int8 attention agrees with plain attention over seven-bit numbers") {
  for_shapes([](const AttentionShape& shape, MatrixView<const float> qkv, double theta) {
    Doubles rotated = to_double(qkv);
    if (theta > 0) rotate(shape, theta, rotated);
    const Doubles real = plain_attention(shape, rotated);
    Doubles expected, stored;
    for (const KernelSet* kernels : available_kernel_sets()) {
      CAPTURE(kernels->name);
      const Result result = attention(WeightType::int8, *kernels, shape, qkv, theta, 41);
      if (result.qkv != stored) {  // kernel sets may round a rotation differently
        stored = result.qkv;
        expected = plain_attention(shape, seven_bits(shape, stored));
      }
      // Over more than a chunk of keys probabilities have eight bits: what that costs is less than the rounding of
      // queries, keys and values.
      const bool long_row = shape.tokens > key_chunk;
      CHECK(worst_difference(result.mixed, expected) <= (long_row ? 2e-2 : 1e-3));
      CHECK(relative_difference(result.mixed, expected) <= (long_row ? 0.025 : 1e-3));
      CHECK(relative_difference(result.mixed, real) <= 0.04);
    }
  });
}

// One token of 916 draws attention; each other has 1/600 of its share, together one and a half times as much. Rounded
// to seven bits they would all be zero.
TEST_CASE("int8 attention keeps a long tail") {
  const AttentionShape shape{.tokens = 916, .num_heads = 1, .head_dim = 64};
  const EdgeMatrix<float> qkv(916, 192);
  const std::int64_t large = 500;
  const auto key = static_cast<float>(std::log(600.0) / 8.0);  // a score of ln 600 with a query of ones
  qkv.fill([&](auto t, auto c) {
    if (c < 64) return 1.0F;
    if (c < 128) return t == large ? key : 0.0F;
    return t == large ? -1.0F : 1.0F;
  });
  const double expected = (915.0 / 600.0 - 1.0) / (915.0 / 600.0 + 1.0);
  REQUIRE(std::nearbyint(255.0 / 600.0) == 0.0);  // of the chunk with the large one the tail is rounded to zero
  // What rounding takes from the tail comes back with the mean of all values, which lies 2 / 916 below the tail's.
  const double bound = 2.0 / 916.0 + 1.5e-3;
  for (const KernelSet* kernels : available_kernel_sets()) {
    CAPTURE(kernels->name);
    const Result result = attention(WeightType::int8, *kernels, shape, qkv.read(), 0.0, 56);
    const Doubles all(result.mixed.size(), expected);
    CHECK(worst_difference(result.mixed, all) <= bound);
  }
}

TEST_CASE("attention does not depend on how tokens are cut into blocks") {
  Random random(2);
  for (const std::int64_t tokens : {97, 530}) {
    const AttentionShape shape{.tokens = tokens, .num_heads = 2, .head_dim = 24};
    const EdgeMatrix<float> qkv(tokens, 3 * 48);
    qkv.fill(random);
    for (const KernelSet* kernels : available_kernel_sets()) {
      const auto f32 = attention(WeightType::f32, *kernels, shape, qkv.read(), 10000.0, 56).mixed;
      const auto int8 = attention(WeightType::int8, *kernels, shape, qkv.read(), 10000.0, 56).mixed;
      for (const std::int64_t block : {1, 2, 13, 40, 49}) {
        CAPTURE(kernels->name, block);
        CHECK(attention(WeightType::f32, *kernels, shape, qkv.read(), 10000.0, block).mixed == f32);
        CHECK(attention(WeightType::int8, *kernels, shape, qkv.read(), 10000.0, block).mixed == int8);
      }
    }
  }
}

}  // namespace
}  // namespace trm::runtime_attention_test
