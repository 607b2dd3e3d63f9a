#pragma once
// What one core does in bare loops of an instruction: no loads, no stores, enough independent sums to fill the
// pipeline. One small file an instruction set (roofs/); a kernel's speed is read as a fraction of its roof.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/cpu.hpp"

namespace trm {

struct Roof {
  std::string_view name;       // the instructions of the loop
  std::string_view weight;     // "f32" or "int8": the products it could serve
  std::int64_t macs_per_turn;  // multiply-accumulates
  bool (*supported)(const CpuFeatures& cpu);
  void (*run)(std::int64_t turns);
};

// Those this CPU can run.
[[nodiscard]] std::vector<Roof> available_roofs();

// Multiply-accumulates a second, in 10^9; the fastest of repetitions of about 5 ms within `seconds`.
[[nodiscard]] double gmacs(const Roof& roof, double seconds);

// The roof of a kernel set's products of one weight type: the loop of the instructions it is made of.
// nullptr: it has none ("portable").
[[nodiscard]] const Roof* roof_of(std::span<const Roof> roofs, std::string_view kernel_set, std::string_view weight);

}  // namespace trm
