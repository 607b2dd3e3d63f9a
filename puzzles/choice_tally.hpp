#pragma once
// How often each way of choosing among several answers finds the right one.

#include <cstddef>
#include <cstdint>
#include <span>

#include "puzzles/choice.hpp"

namespace trm {

struct ChoiceTally {
  std::size_t examples = 0;
  std::size_t best_q = 0;         // right: the answer of the highest q_halt
  std::size_t vote = 0;           // the most frequent answer
  std::size_t any = 0;            // one of the answers at least: what a perfect choice would reach
  std::size_t answers = 0;        // of all examples together
  std::size_t right_answers = 0;  // the same

  // The answers of K trajectories to one example, labels [S]; an example without labels does not count.
  void add(std::span<const TrajectoryAnswer> given, std::span<const std::int32_t> labels);
  // What one answer would reach on the average; all examples have as many.
  [[nodiscard]] double single() const;
};

}  // namespace trm
