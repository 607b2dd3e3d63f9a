#pragma once
// float32 vectors in plain C++: four lanes that any compiler maps to what the target has.

#include <algorithm>
#include <cmath>
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

  // Integral values in [0, 255] as bytes, and 0 for what is not a number, which no integer may be made of.
  static void store_bytes(std::uint8_t* p, Vector v) {
    for (std::int64_t i = 0; i < width; ++i) p[i] = static_cast<std::uint8_t>(v[i] > 0 ? v[i] : 0);
  }

  static Vector add(Vector a, Vector b) { return a + b; }
  static Vector sub(Vector a, Vector b) { return a - b; }
  static Vector mul(Vector a, Vector b) { return a * b; }
  static Vector min(Vector a, Vector b) { return a < b ? a : b; }
  static Vector max(Vector a, Vector b) { return a > b ? a : b; }
  static Vector abs(Vector a) { return a < 0 ? -a : a; }
  static Vector fma(Vector a, Vector b, Vector c) { return a * b + c; }   // two roundings here, one elsewhere
  static Vector fnma(Vector a, Vector b, Vector c) { return c - a * b; }  // c - a b
  static Vector round(Vector a) {
    return Vector{std::nearbyint(a[0]), std::nearbyint(a[1]), std::nearbyint(a[2]), std::nearbyint(a[3])};
  }
  // a 2^n for n + 1.5 2^23, whose low bits are those of n, added to the exponent's.
  static Vector ldexp(Vector a, Vector shifted) { return as_vector(as_integers(a) + (as_integers(shifted) << 23)); }
  static Vector reciprocal(Vector a) { return 1.0F / a; }
  // Lanes combined in a fixed order: halves, then halves of halves.
  static float sum(Vector v) { return (v[0] + v[2]) + (v[1] + v[3]); }
  static float largest(Vector v) { return std::max(std::max(v[0], v[2]), std::max(v[1], v[3])); }
  // A square of width x width, rows of `in` to columns of `out`.
  static void transpose(const float* in, std::int64_t in_stride, float* out, std::int64_t out_stride) {
    for (std::int64_t i = 0; i < width; ++i)
      for (std::int64_t j = 0; j < width; ++j) out[j * out_stride + i] = in[i * in_stride + j];
  }

 private:
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
