#include "bench/roof.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

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

RoofSpeed thread_speed(const Roof& roof, double seconds) {
  std::int64_t turns = 1024;
  while (seconds_of(roof, turns) < 5e-3) turns *= 2;
  std::vector<double> times;
  for (double spent = 0; spent < seconds || times.empty(); spent += times.back()) {
    times.push_back(seconds_of(roof, turns));
  }
  std::ranges::sort(times);
  const double gmacs = static_cast<double>(turns) * static_cast<double>(roof.macs_per_turn) * 1e-9;
  return {.fastest = gmacs / times.front(), .median = gmacs / times[times.size() / 2]};
}

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

RoofSpeed speed_of(const Roof& roof, double seconds, int threads) {
  std::vector<RoofSpeed> speeds(static_cast<std::size_t>(threads));
  {
    std::vector<std::jthread> running;
    running.reserve(speeds.size());
    for (RoofSpeed& speed : speeds) running.emplace_back([&] { speed = thread_speed(roof, seconds); });
  }
  RoofSpeed sum{};
  for (const RoofSpeed& speed : speeds) {
    sum.fastest += speed.fastest;
    sum.median += speed.median;
  }
  return sum;
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
