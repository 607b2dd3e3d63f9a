#pragma once
// The element types that checkpoints hold, and their conversion to float32.

#include <cstddef>
#include <cstdint>
#include <span>

namespace trm {

enum class ElementType : std::uint8_t {
  f8_e4m3fn,  // 8 bits: no infinity, NaN is 0x7f and 0xff
  f8_e5m2,    // 8 bits, as the upper half of a float16
  f8_e4m3fnuz,
  f8_e5m2fnuz,  // fnuz: no infinity, no negative zero, whose pattern 0x80 is NaN; the exponent's bias is one larger
  f8_e8m0fnu,   // 8 bits: a power of two without sign, as scales have it
  f16,
  bf16,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  u8,
  u16,
  u32,
  u64,
  boolean
};

[[nodiscard]] std::size_t element_size(ElementType type);  // bytes
[[nodiscard]] const char* to_string(ElementType type);     // torch's names: "float32", "bfloat16", "bool", ...
[[nodiscard]] bool is_floating(ElementType type);

// out.size() elements of little-endian `bytes` to float32, rounding to nearest even.
void to_float(ElementType type, std::span<const std::byte> bytes, std::span<float> out);

}  // namespace trm
