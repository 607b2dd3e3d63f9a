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

struct Candidate {
  std::span<const std::int32_t> answer;  // [S]
  float q_halt = 0;
};

struct Choice {
  std::size_t index = 0;     // of the candidate; with Best::vote the one of the highest q_halt that has the answer
  std::size_t agreeing = 1;  // candidates with this answer, itself included
};

// Of one candidate at least.
[[nodiscard]] Choice choose(std::span<const Candidate> candidates, Best best);

}  // namespace trm
