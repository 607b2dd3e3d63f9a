#pragma once
// float32 vectors of ARM NEON (AArch64). Included only by files compiled for it.

#include <arm_neon.h>

#include <bit>
#include <cstdint>

namespace trm {
namespace {

struct Neon {
  static constexpr std::int64_t width = 4;
  static constexpr int tile_rows = 12;  // 12 x 2 accumulators, 2 weight vectors and broadcasts in 32 registers
  using Vector = float32x4_t;
  using Integers = int32x4_t;

  static Vector zero() { return vdupq_n_f32(0.0F); }
  static Vector set(float x) { return vdupq_n_f32(x); }
  static Vector load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, Vector v) { vst1q_f32(p, v); }
  // The first n < width lanes; the others read as zero and are not written.
  static Vector load(const float* p, std::int64_t n) {
    float lanes[width] = {};
    for (std::int64_t i = 0; i < n; ++i) lanes[i] = p[i];
    return vld1q_f32(lanes);
  }
  static void store(float* p, Vector v, std::int64_t n) {
    float lanes[width];
    vst1q_f32(lanes, v);
    for (std::int64_t i = 0; i < n; ++i) p[i] = lanes[i];
  }

  // The nearest integers, ties to even.
  static Integers nearest(Vector v) { return vcvtnq_s32_f32(v); }
  static Integers add_integers(Integers a, Integers b) { return vaddq_s32(a, b); }
  static Vector to_float(Integers v) { return vcvtq_f32_s32(v); }
  // Four vectors of integers in [-128, 127] as bytes, each with `offset` added.
  static void store_bytes(std::uint8_t* p, const Integers (&v)[4], char offset) {
    const int16x8_t low = vcombine_s16(vqmovn_s32(v[0]), vqmovn_s32(v[1]));
    const int16x8_t high = vcombine_s16(vqmovn_s32(v[2]), vqmovn_s32(v[3]));
    const uint8x16_t bytes = vreinterpretq_u8_s8(vcombine_s8(vqmovn_s16(low), vqmovn_s16(high)));
    vst1q_u8(p, vaddq_u8(bytes, vdupq_n_u8(static_cast<std::uint8_t>(offset))));
  }
  // The upper and the lower seven bits of four vectors of integers in [0, 16383], as bytes.
  static void store_sevens(std::uint8_t* upper, std::uint8_t* lower, const Integers (&v)[4]) {
    const uint16x8_t a = vcombine_u16(vqmovun_s32(v[0]), vqmovun_s32(v[1]));
    const uint16x8_t b = vcombine_u16(vqmovun_s32(v[2]), vqmovun_s32(v[3]));
    vst1q_u8(upper, vcombine_u8(vshrn_n_u16(a, 7), vshrn_n_u16(b, 7)));
    vst1q_u8(lower, vandq_u8(vcombine_u8(vmovn_u16(a), vmovn_u16(b)), vdupq_n_u8(127)));
  }

  static Vector add(Vector a, Vector b) { return vaddq_f32(a, b); }
  static Vector sub(Vector a, Vector b) { return vsubq_f32(a, b); }
  static Vector mul(Vector a, Vector b) { return vmulq_f32(a, b); }
  static Vector min(Vector a, Vector b) { return vminq_f32(a, b); }
  static Vector max(Vector a, Vector b) { return vmaxq_f32(a, b); }
  static Vector abs(Vector a) { return vabsq_f32(a); }
  static Vector fma(Vector a, Vector b, Vector c) { return vfmaq_f32(c, a, b); }   // a b + c
  static Vector fnma(Vector a, Vector b, Vector c) { return vfmsq_f32(c, a, b); }  // c - a b
  // a 2^n for n + 1.5 2^23, whose low bits are those of n, added to the exponent's.
  static Vector ldexp(Vector a, Vector shifted) {
    const int32x4_t exponent = vshlq_n_s32(vreinterpretq_s32_f32(shifted), 23);
    return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(a), exponent));
  }
  // t - floor(t), and a 2^floor(t); t <= 127, and counts as -126 below that.
  static Vector fraction(Vector t) {
    t = above_smallest(t);
    return vsubq_f32(t, vrndmq_f32(t));
  }
  static Vector times_power(Vector a, Vector t) {
    const int32x4_t exponent = vshlq_n_s32(vcvtmq_s32_f32(above_smallest(t)), 23);
    return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(a), exponent));
  }
  // 1 / a to float32's precision. The estimate has 8 bits only: two Newton steps cost as much as the division.
  static Vector reciprocal(Vector a) { return vdivq_f32(vdupq_n_f32(1.0F), a); }
  // Combines lanes in a fixed order: the upper ones with the lower ones, until one is left.
  static float sum(Vector v) {
    const float32x2_t s = vadd_f32(vget_low_f32(v), vget_high_f32(v));
    return vget_lane_f32(vpadd_f32(s, s), 0);
  }
  static float largest(Vector v) { return vmaxvq_f32(v); }
  // Magnitudes compared as the integers of their bits, where infinity is above every number and NaN above infinity.
  static Vector larger_magnitude(Vector peak, Vector v) {
    return vreinterpretq_f32_s32(vmaxq_s32(vreinterpretq_s32_f32(peak), vreinterpretq_s32_f32(abs(v))));
  }
  static float largest_magnitude(Vector peak) { return std::bit_cast<float>(vmaxvq_s32(vreinterpretq_s32_f32(peak))); }

  // A square of width x width, rows of `in` to columns of `out`: pairs of lanes, then pairs of pairs.
  static void transpose(const float* in, std::int64_t in_stride, float* out, std::int64_t out_stride) {
    Vector a[4], b[4];
    for (int i = 0; i < 4; ++i) a[i] = load(in + i * in_stride);
    for (int i = 0; i < 4; i += 2) {  // b[i] holds columns 0 and 2 of rows i and i + 1, b[i + 1] columns 1 and 3
      b[i] = vtrn1q_f32(a[i], a[i + 1]);
      b[i + 1] = vtrn2q_f32(a[i], a[i + 1]);
    }
    for (int c = 0; c < 2; ++c) {
      const float64x2_t upper = vreinterpretq_f64_f32(b[c]), lower = vreinterpretq_f64_f32(b[c + 2]);
      store(out + c * out_stride, vreinterpretq_f32_f64(vtrn1q_f64(upper, lower)));
      store(out + (c + 2) * out_stride, vreinterpretq_f32_f64(vtrn2q_f64(upper, lower)));
    }
  }

 private:
  static Vector above_smallest(Vector t) { return vmaxq_f32(vdupq_n_f32(-126.0F), t); }
};

}  // namespace
}  // namespace trm
