#pragma once
// oneDNN's matrix product to compare with: out[M, N] = a[M, K] w[N, K]^T without an epilogue. The weights are reordered
// before into the layout that oneDNN chooses.

#include <cstdint>
#include <functional>
#include <string>

namespace trm {

struct ProductShape {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
};

// A function that computes the product on OpenMP's current number of threads. The operands must outlive it. Empty where
// the benchmark was built without oneDNN (onednn_absent.cpp).
[[nodiscard]] std::function<void()> onednn_f32(const ProductShape& shape, const float* a, const float* w, float* out);
[[nodiscard]] std::function<void()> onednn_u8s8s32(const ProductShape& shape, const std::uint8_t* a,
                                                   const std::int8_t* w, std::int32_t* out);

[[nodiscard]] std::string onednn_version();  // "2.6.3"; empty without oneDNN

}  // namespace trm
