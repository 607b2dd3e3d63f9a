#pragma once
// How right answers are, as the reference evaluator counts.

#include <cstddef>
#include <cstdint>
#include <span>

namespace trm {

// One example: cells asked for, and those of them that are right.
struct Score {
  std::uint32_t asked = 0;  // 0: the example does not count
  std::uint32_t right = 0;
  [[nodiscard]] bool exact() const { return asked > 0 && right == asked; }
};

// predictions [S], labels [S] with ignored_label where nothing is asked.
[[nodiscard]] Score score(std::span<const std::int32_t> predictions, std::span<const std::int32_t> labels);

// Means over the examples that count. `token` is the mean of each example's own
// share of right cells, not the share of all cells together.
struct Accuracy {
  std::size_t examples = 0;
  std::size_t exact_count = 0;
  double exact = 0;
  double token = 0;
};
[[nodiscard]] Accuracy accuracy(std::span<const Score> scores);

}  // namespace trm
