// Conversion to float32 against values known from the formats' definitions.

#include "io/element_type.hpp"
#include "tests/catch.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace trm::io_element_type_test {
namespace {

template <class T>
std::vector<float> converted(ElementType type, const std::vector<T>& values) {
  std::vector<float> out(values.size());
  to_float(type, std::as_bytes(std::span(values)), out);
  return out;
}

TEST_CASE("bfloat16 is the upper half of a float32") {
  const std::vector<std::uint16_t> bits{0x0000, 0x8000, 0x3f80, 0xc000, 0x3eab, 0x7f7f, 0x0001, 0x7f80, 0xff80};
  const std::vector<float> values = converted(ElementType::bf16, bits);
  CHECK(values[0] == 0.0F);
  CHECK(std::signbit(values[1]));
  CHECK(values[2] == 1.0F);
  CHECK(values[3] == -2.0F);
  CHECK(values[4] == 0.333984375F);
  CHECK(values[5] == 3.3895314e38F);
  CHECK(values[6] == 9.183549615799121e-41F);
  CHECK(values[7] == std::numeric_limits<float>::infinity());
  CHECK(values[8] == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(converted(ElementType::bf16, std::vector<std::uint16_t>{0x7fc0})[0]));
}

#if defined(__FLT16_MAX__)
TEST_CASE("every float16 equals the compiler's own conversion") {
  for (std::uint32_t i = 0; i < 0x10000; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    _Float16 half;
    std::memcpy(&half, &bits, 2);
    const auto expected = static_cast<float>(half);
    const float value = converted(ElementType::f16, std::vector<std::uint16_t>{bits})[0];
    if (std::isnan(expected)) {
      REQUIRE(std::isnan(value));
    } else {
      REQUIRE(std::memcmp(&value, &expected, 4) == 0);
    }
  }
}
#endif

// The values that the formats' papers and torch.float8 give for the edges of each type.
TEST_CASE("8-bit floats") {
  const auto value = [](ElementType type, int bits) {
    return converted(type, std::vector{static_cast<std::uint8_t>(bits)})[0];
  };
  struct Edges {
    ElementType type;
    int one, largest, smallest_normal, smallest;
    float largest_value, smallest_normal_value, smallest_value;
  };
  for (const Edges& e : {Edges{ElementType::f8_e4m3fn, 0x38, 0x7e, 0x08, 0x01, 448, 0x1p-6F, 0x1p-9F},
                         Edges{ElementType::f8_e5m2, 0x3c, 0x7b, 0x04, 0x01, 57344, 0x1p-14F, 0x1p-16F},
                         Edges{ElementType::f8_e4m3fnuz, 0x40, 0x7f, 0x08, 0x01, 240, 0x1p-7F, 0x1p-10F},
                         Edges{ElementType::f8_e5m2fnuz, 0x40, 0x7f, 0x04, 0x01, 57344, 0x1p-15F, 0x1p-17F}}) {
    INFO(to_string(e.type));
    CHECK(value(e.type, 0) == 0);
    CHECK(value(e.type, e.one) == 1);
    CHECK(value(e.type, e.largest) == e.largest_value);
    CHECK(value(e.type, e.smallest_normal) == e.smallest_normal_value);
    CHECK(value(e.type, e.smallest) == e.smallest_value);
    for (const int bits : {e.one, e.largest, e.smallest_normal, e.smallest}) {
      CHECK(value(e.type, bits | 0x80) == -value(e.type, bits));
    }
  }
  for (const int bits : {0x7f, 0xff}) CHECK(std::isnan(value(ElementType::f8_e4m3fn, bits)));
  for (const int bits : {0x7d, 0x7e, 0x7f, 0xff}) CHECK(std::isnan(value(ElementType::f8_e5m2, bits)));
  CHECK(std::isinf(value(ElementType::f8_e5m2, 0x7c)));
  CHECK(value(ElementType::f8_e5m2, 0xfc) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(value(ElementType::f8_e4m3fnuz, 0x80)));
  CHECK(std::isnan(value(ElementType::f8_e5m2fnuz, 0x80)));
  CHECK(value(ElementType::f8_e8m0fnu, 127) == 1);
  CHECK(value(ElementType::f8_e8m0fnu, 0) == 0x1p-127F);
  CHECK(value(ElementType::f8_e8m0fnu, 254) == 0x1p127F);
  CHECK(std::isnan(value(ElementType::f8_e8m0fnu, 255)));
}

TEST_CASE("wider numbers round to nearest even") {
  CHECK(converted(ElementType::f64, std::vector<double>{1.0 / 3, 1e300, -1e-300}) ==
        std::vector<float>{0.33333334F, std::numeric_limits<float>::infinity(), -0.0F});
  CHECK(converted(ElementType::i64, std::vector<std::int64_t>{16777217, 16777219, -5}) ==
        std::vector<float>{16777216.0F, 16777220.0F, -5.0F});
  CHECK(converted(ElementType::u64, std::vector<std::uint64_t>{~std::uint64_t{0}}) ==
        std::vector<float>{18446744073709551616.0F});
  CHECK(converted(ElementType::i8, std::vector<std::int8_t>{-128, 127}) == std::vector<float>{-128.0F, 127.0F});
  CHECK(converted(ElementType::boolean, std::vector<std::uint8_t>{0, 1, 255}) == std::vector<float>{0, 1, 1});
}

}  // namespace
}  // namespace trm::io_element_type_test
