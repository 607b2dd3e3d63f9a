#pragma once
// The element types that checkpoints hold, and their conversion to float32.

#include <cstddef>
#include <cstdint>
#include <span>

namespace trm {

enum class ElementType : std::uint8_t { f16, bf16, f32, f64, i8, i16, i32, i64, u8, u16, u32, u64, boolean };

[[nodiscard]] std::size_t element_size(ElementType type);  // bytes
[[nodiscard]] const char* to_string(ElementType type);     // torch's names: "float32", "bfloat16", "bool", ...

// out.size() elements of little-endian `bytes` to float32, rounding to nearest even.
void to_float(ElementType type, std::span<const std::byte> bytes, std::span<float> out);

}  // namespace trm
