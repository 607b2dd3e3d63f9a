#include "puzzles/score.hpp"

#include "puzzles/data_set.hpp"

namespace trm {

Score score(std::span<const std::int32_t> predictions, std::span<const std::int32_t> labels) {
  Score counted;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == ignored_label) continue;
    counted.asked += 1;
    counted.right += predictions[i] == labels[i] ? 1 : 0;
  }
  return counted;
}

Accuracy accuracy(std::span<const Score> scores) {
  Accuracy mean;
  double token_sum = 0;
  for (const Score& one : scores) {
    if (one.asked == 0) continue;
    mean.examples += 1;
    mean.exact_count += one.exact() ? 1 : 0;
    token_sum += static_cast<double>(one.right) / one.asked;
  }
  if (mean.examples == 0) return mean;
  const auto n = static_cast<double>(mean.examples);
  mean.exact = static_cast<double>(mean.exact_count) / n;
  mean.token = token_sum / n;
  return mean;
}

}  // namespace trm
