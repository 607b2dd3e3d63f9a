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
