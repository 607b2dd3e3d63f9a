#pragma once
// How much a sample's logits move from step to step: small changes say that the answer stands still.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace trm {

// The mean over the cells of the Euclidean norm over the vocabulary of the change of the logits [S, V].
[[nodiscard]] double change_of_logits(std::span<const float> before, std::span<const float> after,
                                      std::int64_t vocab_size);

// The changes of a sample's last three steps.
class Residual {
 public:
  void add(double change) { changes_[count_++ % window] = change; }
  // Their mean; of fewer if there are fewer, and 0 before the second step.
  [[nodiscard]] double value() const;
  // Whether there are three: before, a small value says little.
  [[nodiscard]] bool complete() const { return count_ >= window; }

 private:
  static constexpr std::size_t window = 3;
  std::array<double, window> changes_{};
  std::size_t count_ = 0;
};

}  // namespace trm
