#pragma once
// Dot products of four unsigned bytes, at most 127, with four signed ones: NEON of ARMv8.0.
//
// Bytes up to 127 are signed bytes, too. Where the weights allow it, the products of eight features are added in 16
// bits, at most four in each sum, before they are widened: six instructions instead of eight (order_pairs in
// packed_matrix.cpp).

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

namespace trm {
namespace {

struct DotNeon {
  static constexpr std::int64_t width = 4;
  static constexpr int tile_rows = 8;
  static constexpr bool sums_in_int16 = true;
  using Integers = int32x4_t;

  static Integers load(const void* p) {
    Integers v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static void store(std::int32_t* p, Integers v) { vst1q_s32(p, v); }
  static Integers broadcast(const std::uint8_t* p) {
    std::int32_t four;
    std::memcpy(&four, p, sizeof four);
    return vdupq_n_s32(four);
  }
  static Integers dot(Integers sum, Integers q, Integers w) {
    const int8x16_t qb = vreinterpretq_s8_s32(q), wb = vreinterpretq_s8_s32(w);
    return widen(sum, vmull_s8(vget_low_s8(qb), vget_low_s8(wb)), vmull_high_s8(qb, wb));
  }
  static Integers dot(Integers sum, Integers q0, Integers w0, Integers q1, Integers w1) {
    const int8x16_t q0b = vreinterpretq_s8_s32(q0), w0b = vreinterpretq_s8_s32(w0);
    const int8x16_t q1b = vreinterpretq_s8_s32(q1), w1b = vreinterpretq_s8_s32(w1);
    const int16x8_t low = vmull_s8(vget_low_s8(q0b), vget_low_s8(w0b));
    const int16x8_t high = vmull_high_s8(q0b, w0b);
    return widen(sum, vmlal_s8(low, vget_low_s8(q1b), vget_low_s8(w1b)), vmlal_high_s8(high, q1b, w1b));
  }
  static float32x4_t to_float(Integers v) { return vcvtq_f32_s32(v); }

 private:
  // low holds the products of the first two columns, high those of the others, four lanes for each column.
  static Integers widen(Integers sum, int16x8_t low, int16x8_t high) { return vpadalq_s16(sum, vpaddq_s16(low, high)); }
};

}  // namespace
}  // namespace trm
