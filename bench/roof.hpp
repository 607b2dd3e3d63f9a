#pragma once
// The peak speed of one core in a loop of one instruction without loads and stores, with enough independent sums to
// fill the pipeline. There is a small file for each instruction set (roofs/). The speed of a kernel is given as a
// fraction of its roof.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/cpu.hpp"

namespace trm {

struct Roof {
  std::string_view name;       // the instructions of the loop
  std::string_view weight;     // "f32" or "int8": the type of the products made of it
  std::int64_t macs_per_turn;  // multiply-accumulates
  bool (*supported)(const CpuFeatures& cpu);
  void (*run)(std::int64_t turns);
};

// The roofs that this CPU can run.
[[nodiscard]] std::vector<Roof> available_roofs();

// 10^9 multiply-accumulates per second in repetitions of about 5 ms.
struct RoofSpeed {
  double fastest;
  double median;
};

// The speed of as many threads as given, all at once, measured for about `seconds`: the sum of theirs.
[[nodiscard]] RoofSpeed speed_of(const Roof& roof, double seconds, int threads = 1);

// The roof of a kernel set's products with weights of this type: the loop of the same instructions. nullptr if it has
// none ("portable").
[[nodiscard]] const Roof* roof_of(std::span<const Roof> roofs, std::string_view kernel_set, std::string_view weight);

}  // namespace trm
