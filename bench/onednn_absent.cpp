// Stands in for onednn.cpp where oneDNN's headers are missing: no product to compare with.

#include "bench/onednn.hpp"

namespace trm {

std::function<void()> onednn_f32(const ProductShape&, const float*, const float*, float*) {
  return {};
}
std::function<void()> onednn_u8s8s32(const ProductShape&, const std::uint8_t*, const std::int8_t*, std::int32_t*) {
  return {};
}
std::string onednn_version() {
  return {};
}

}  // namespace trm
