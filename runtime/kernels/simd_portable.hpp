#pragma once
// float32 vectors in plain C++: four lanes that any compiler maps to what the target has.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace trm {
namespace {

struct Portable {
  static constexpr std::int64_t width = 4;
  static constexpr int tile_rows = 4;
  // GCC and clang, on every target.
  using Vector = float __attribute__((vector_size(16)));
  using Integers = std::int32_t __attribute__((vector_size(16)));

  static Vector zero() { return Vector{}; }
  static Vector set(float x) { return Vector{x, x, x, x}; }
  static Vector load(const float* p) { return Vector{p[0], p[1], p[2], p[3]}; }
  static void store(float* p, Vector v) { std::memcpy(p, &v, sizeof v); }
  // The first n < width lanes; the others read as zero and are not written.
  static Vector load(const float* p, std::int64_t n) {
    Vector v{};
    for (std::int64_t i = 0; i < n; ++i) v[i] = p[i];
    return v;
  }
  static void store(float* p, Vector v, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) p[i] = v[i];
  }

  // The nearest integers, ties to even, of magnitudes below 2^22: adding 1.5 2^23 makes the sum's unit 1.
  static Integers nearest(Vector v) { return as_integers(v + 12582912.0F) - 0x4B400000; }
  static Integers add_integers(Integers a, Integers b) { return a + b; }
  static Vector to_float(Integers v) { return __builtin_convertvector(v, Vector); }
  // Four vectors of integers in [-128, 127] as bytes, each with `offset` added.
  static void store_bytes(std::uint8_t* p, const Integers (&v)[4], char offset) {
    for (std::int64_t i = 0; i < 4 * width; ++i) p[i] = static_cast<std::uint8_t>(v[i / width][i % width] + offset);
  }
  // The upper and the lower seven bits of four vectors of integers in [0, 16383], as bytes.
  static void store_sevens(std::uint8_t* upper, std::uint8_t* lower, const Integers (&v)[4]) {
    for (std::int64_t i = 0; i < 4 * width; ++i) {
      const std::int32_t both = v[i / width][i % width];
      upper[i] = static_cast<std::uint8_t>(both >> 7);
      lower[i] = static_cast<std::uint8_t>(both & 127);
    }
  }

  static Vector add(Vector a, Vector b) { return a + b; }
  static Vector sub(Vector a, Vector b) { return a - b; }
  static Vector mul(Vector a, Vector b) { return a * b; }
  static Vector min(Vector a, Vector b) { return a < b ? a : b; }
  static Vector max(Vector a, Vector b) { return a > b ? a : b; }
  static Vector fma(Vector a, Vector b, Vector c) { return a * b + c; }   // two roundings here, one elsewhere
  static Vector fnma(Vector a, Vector b, Vector c) { return c - a * b; }  // c - a b
  // a 2^n for n + 1.5 2^23, whose low bits are those of n, added to the exponent's.
  static Vector ldexp(Vector a, Vector shifted) { return as_vector(as_integers(a) + (as_integers(shifted) << 23)); }
  // t - floor(t), and a 2^floor(t); t <= 127, and counts as -126 below that.
  static Vector fraction(Vector t) { return above_smallest(t) - floor(above_smallest(t)); }
  static Vector times_power(Vector a, Vector t) {
    return as_vector(as_integers(a) + (nearest(floor(above_smallest(t))) << 23));
  }
  static Vector reciprocal(Vector a) { return 1.0F / a; }
  // Combines lanes in a fixed order: the upper ones with the lower ones, until one is left.
  static float sum(Vector v) { return (v[0] + v[2]) + (v[1] + v[3]); }
  static float largest(Vector v) { return std::max(std::max(v[0], v[2]), std::max(v[1], v[3])); }
  // Magnitudes compared as the integers of their bits, where infinity is above every number and NaN above infinity.
  static Vector larger_magnitude(Vector peak, Vector v) {
    const Integers a = as_integers(peak), b = as_integers(v) & 0x7FFFFFFF;
    return as_vector(a > b ? a : b);
  }
  static float largest_magnitude(Vector peak) {
    const Integers i = as_integers(peak);
    return std::bit_cast<float>(std::max(std::max(i[0], i[1]), std::max(i[2], i[3])));
  }
  // A square of width x width, rows of `in` to columns of `out`.
  static void transpose(const float* in, std::int64_t in_stride, float* out, std::int64_t out_stride) {
    for (std::int64_t i = 0; i < width; ++i)
      for (std::int64_t j = 0; j < width; ++j) out[j * out_stride + i] = in[i * in_stride + j];
  }

 private:
  static Vector above_smallest(Vector t) { return t < -126.0F ? set(-126.0F) : t; }
  static Vector floor(Vector t) {  // of magnitudes below 2^22
    const Vector nearest = (t + 12582912.0F) - 12582912.0F;
    return nearest > t ? nearest - 1.0F : nearest;
  }
  static Integers as_integers(Vector v) {
    Integers i;
    std::memcpy(&i, &v, sizeof i);
    return i;
  }
  static Vector as_vector(Integers i) {
    Vector v;
    std::memcpy(&v, &i, sizeof v);
    return v;
  }
};

}  // namespace
}  // namespace trm
