#include "bench/roof.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace trm {

// Each stands in the file of its name in roofs/.
#if defined(TRM_X86_64_ROOFS)
extern const std::array<Roof, 3> avx2_roofs;
extern const std::array<Roof, 1> avx_vnni_roofs;
extern const std::array<Roof, 3> avx512_roofs;
extern const std::array<Roof, 2> avx512_vnni_roofs;
#endif

namespace {

double seconds_of(const Roof& roof, std::int64_t turns) {
  const auto start = std::chrono::steady_clock::now();
  roof.run(turns);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The loops with the instructions of each kernel set, by their names in roofs/.
struct Use {
  std::string_view kernel_set;
  std::string_view weight;
  std::string_view roof;
};
constexpr std::array uses = {
    Use{"avx2", "f32", "fma 256"},        Use{"avx2", "int8", "2 maddubs + add + madd + add 256"},
    Use{"avx_vnni", "f32", "fma 256"},    Use{"avx_vnni", "int8", "vpdpbusd vex 256"},
    Use{"avx512", "f32", "fma 512"},      Use{"avx512", "int8", "2 maddubs + add + madd + add 512"},
    Use{"avx512_vnni", "f32", "fma 512"}, Use{"avx512_vnni", "int8", "vpdpbusd 512"},
};

}  // namespace

std::vector<Roof> available_roofs() {
  std::vector<Roof> roofs;
#if defined(TRM_X86_64_ROOFS)
  const auto take = [&](std::span<const Roof> some) {
    for (const Roof& roof : some) {
      if (roof.supported(cpu_features())) roofs.push_back(roof);
    }
  };
  take(avx2_roofs);
  take(avx_vnni_roofs);
  take(avx512_roofs);
  take(avx512_vnni_roofs);
#endif
  return roofs;
}

double gmacs(const Roof& roof, double seconds) {
  std::int64_t turns = 1024;
  double best = seconds_of(roof, turns);
  while (best < 5e-3) {
    turns *= 2;
    best = seconds_of(roof, turns);
  }
  for (double spent = best; spent < seconds;) {
    const double once = seconds_of(roof, turns);
    best = std::min(best, once);
    spent += once;
  }
  return static_cast<double>(turns) * static_cast<double>(roof.macs_per_turn) / best * 1e-9;
}

const Roof* roof_of(std::span<const Roof> roofs, std::string_view kernel_set, std::string_view weight) {
  for (const Use& use : uses) {
    if (use.kernel_set != kernel_set || use.weight != weight) continue;
    const auto roof = std::ranges::find(roofs, use.roof, &Roof::name);
    return roof == roofs.end() ? nullptr : &*roof;
  }
  return nullptr;
}

}  // namespace trm
