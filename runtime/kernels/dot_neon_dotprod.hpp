#pragma once
// Dot products of four unsigned bytes, at most 127, with four signed ones: NEON's sdot. Bytes up to 127 are signed
// bytes, too.

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
  // sdot itself repeats the first lane. Read as a float, four bytes are loaded into it directly; read as an integer,
  // GCC 12 adds an instruction.
  static Integers broadcast(const std::uint8_t* p) {
    float four;
    std::memcpy(&four, p, sizeof four);
    const int32x2_t two = vreinterpret_s32_f32(vset_lane_f32(four, vdup_n_f32(0.0F), 0));
    return vcombine_s32(two, two);
  }
  static Integers dot(Integers sum, Integers q, Integers w) {
    return vdotq_lane_s32(sum, vreinterpretq_s8_s32(w), vreinterpret_s8_s32(vget_low_s32(q)), 0);
  }
  static float32x4_t to_float(Integers v) { return vcvtq_f32_s32(v); }
};

}  // namespace
}  // namespace trm
