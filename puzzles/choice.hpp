#pragma once
// The choice among several answers to one puzzle, as latent-noise sampling gives them (arXiv 2605.19943).

#include <cstddef>
#include <cstdint>
#include <span>

namespace trm {

enum class Best {
  q,    // the answer of the highest q_halt, the first of equal ones
  vote  // the most frequent answer; of equally frequent ones that of the higher mean q_halt, then the first
};

// What one trajectory answers.
struct TrajectoryAnswer {
  std::span<const std::int32_t> answer;  // [S]
  float q_halt = 0;
};

struct Choice {
  std::size_t index = 0;  // into the given answers; with Best::vote the one of the highest q_halt among equal answers
  std::size_t agreeing = 1;  // how many of the given answers equal it, itself included
};

// At least one answer must be given.
[[nodiscard]] Choice choose(std::span<const TrajectoryAnswer> given, Best best);

}  // namespace trm
