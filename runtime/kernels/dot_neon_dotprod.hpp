#pragma once
// Dot products of four unsigned bytes, at most 127, with four signed ones: NEON's sdot. Bytes up to 127 are signed too.

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

namespace trm {
namespace {

struct DotNeonDotprod {
  static constexpr std::int64_t width = 4;
  static constexpr int tile_rows = 12;
  static constexpr bool sums_in_int16 = false;
  using Integers = int32x4_t;

  static Integers load(const void* p) {
    Integers v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static void store(std::int32_t* p, Integers v) { vst1q_s32(p, v); }
  // Into the first lane, which sdot spreads itself: a plain load of one scalar register does that.
  static Integers broadcast(const std::uint8_t* p) {
    std::int32_t four;
    std::memcpy(&four, p, sizeof four);
    return vdupq_n_s32(four);
  }
  static Integers dot(Integers sum, Integers q, Integers w) {
    return vdotq_laneq_s32(sum, vreinterpretq_s8_s32(w), vreinterpretq_s8_s32(q), 0);
  }
  static float32x4_t to_float(Integers v) { return vcvtq_f32_s32(v); }
};

}  // namespace
}  // namespace trm
