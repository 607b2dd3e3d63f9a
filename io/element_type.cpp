#include "io/element_type.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/half.hpp"

namespace trm {
namespace {

template <class T>
T load(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

// Every number from `load` to float; the cast rounds to nearest even.
template <class T>
void convert(const std::byte* bytes, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(load<T>(bytes + i * sizeof(T)));
}

float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

// A sign bit, `exponent_bits` of exponent and the rest of fraction, all finite: the caller knows the patterns of NaN
// and infinity. Every value is exact in float32.
float from_f8(std::uint8_t bits, int exponent_bits, int bias) {
  const int fraction_bits = 7 - exponent_bits;
  const int exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1);
  const int fraction = bits & ((1 << fraction_bits) - 1);
  const int significand = exponent == 0 ? fraction : fraction | 1 << fraction_bits;
  const float magnitude = std::ldexp(static_cast<float>(significand), std::max(exponent, 1) - bias - fraction_bits);
  return (bits & 0x80) != 0 ? -magnitude : magnitude;
}

float from_f8(ElementType type, std::uint8_t bits) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  switch (type) {
    case ElementType::f8_e4m3fn:
      return (bits & 0x7f) == 0x7f ? nan : from_f8(bits, 4, 7);
    case ElementType::f8_e4m3fnuz:
      return bits == 0x80 ? nan : from_f8(bits, 4, 8);
    case ElementType::f8_e5m2fnuz:
      return bits == 0x80 ? nan : from_f8(bits, 5, 16);
    case ElementType::f8_e8m0fnu:
      return bits == 0xff ? nan : std::ldexp(1.0F, bits - 127);
    default:
      return half_to_float(static_cast<std::uint16_t>(bits << 8));  // e5m2
  }
}

}  // namespace

std::size_t element_size(ElementType type) {
  switch (type) {
    case ElementType::f8_e4m3fn:
    case ElementType::f8_e5m2:
    case ElementType::f8_e4m3fnuz:
    case ElementType::f8_e5m2fnuz:
    case ElementType::f8_e8m0fnu:
    case ElementType::i8:
    case ElementType::u8:
    case ElementType::boolean:
      return 1;
    case ElementType::f16:
    case ElementType::bf16:
    case ElementType::i16:
    case ElementType::u16:
      return 2;
    case ElementType::f32:
    case ElementType::i32:
    case ElementType::u32:
      return 4;
    case ElementType::f64:
    case ElementType::i64:
    case ElementType::u64:
      return 8;
  }
  return 0;
}

const char* to_string(ElementType type) {
  switch (type) {
    case ElementType::f8_e4m3fn:
      return "float8_e4m3fn";
    case ElementType::f8_e5m2:
      return "float8_e5m2";
    case ElementType::f8_e4m3fnuz:
      return "float8_e4m3fnuz";
    case ElementType::f8_e5m2fnuz:
      return "float8_e5m2fnuz";
    case ElementType::f8_e8m0fnu:
      return "float8_e8m0fnu";
    case ElementType::f16:
      return "float16";
    case ElementType::bf16:
      return "bfloat16";
    case ElementType::f32:
      return "float32";
    case ElementType::f64:
      return "float64";
    case ElementType::i8:
      return "int8";
    case ElementType::i16:
      return "int16";
    case ElementType::i32:
      return "int32";
    case ElementType::i64:
      return "int64";
    case ElementType::u8:
      return "uint8";
    case ElementType::u16:
      return "uint16";
    case ElementType::u32:
      return "uint32";
    case ElementType::u64:
      return "uint64";
    case ElementType::boolean:
      return "bool";
  }
  return "?";
}

bool is_floating(ElementType type) {
  return type <= ElementType::f64;
}

void to_float(ElementType type, std::span<const std::byte> bytes, std::span<float> out) {
  const std::byte* from = bytes.data();
  switch (type) {
    case ElementType::f8_e4m3fn:
    case ElementType::f8_e5m2:
    case ElementType::f8_e4m3fnuz:
    case ElementType::f8_e5m2fnuz:
    case ElementType::f8_e8m0fnu:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = from_f8(type, load<std::uint8_t>(from + i));
      return;
    case ElementType::f16:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = half_to_float(load<std::uint16_t>(from + 2 * i));
      return;
    case ElementType::bf16:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = from_bf16(load<std::uint16_t>(from + 2 * i));
      return;
    case ElementType::boolean:  // any byte but 0 is true, as torch reads it
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = from[i] == std::byte{0} ? 0.0F : 1.0F;
      return;
    case ElementType::f32:
      return convert<float>(from, out);
    case ElementType::f64:
      return convert<double>(from, out);
    case ElementType::i8:
      return convert<std::int8_t>(from, out);
    case ElementType::i16:
      return convert<std::int16_t>(from, out);
    case ElementType::i32:
      return convert<std::int32_t>(from, out);
    case ElementType::i64:
      return convert<std::int64_t>(from, out);
    case ElementType::u8:
      return convert<std::uint8_t>(from, out);
    case ElementType::u16:
      return convert<std::uint16_t>(from, out);
    case ElementType::u32:
      return convert<std::uint32_t>(from, out);
    case ElementType::u64:
      return convert<std::uint64_t>(from, out);
  }
}

}  // namespace trm
