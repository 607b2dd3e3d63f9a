#include "arc/vote/votes.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace trm::arc {
namespace {

struct GridHash {
  std::size_t operator()(const Grid* grid) const {
    const std::string_view bytes(reinterpret_cast<const char*>(grid->cells.data()), grid->cells.size());
    return std::hash<std::string_view>{}(bytes) ^ static_cast<std::size_t>(grid->cols);
  }
};
struct SameGrid {
  bool operator()(const Grid* a, const Grid* b) const { return *a == *b; }
};

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// What is not a number comes last: the order must be one.
double comparable(double confidence) {
  return std::isnan(confidence) ? -1 : confidence;
}

}  // namespace

std::vector<Candidate> rank(std::span<const Prediction> predictions) {
  std::vector<Candidate> candidates;
  std::unordered_map<const Grid*, std::size_t, GridHash, SameGrid> places;  // keys point into `predictions`
  for (const Prediction& prediction : predictions) {
    const auto [found, is_new] = places.try_emplace(&prediction.grid, candidates.size());
    if (is_new) candidates.push_back({prediction.grid, 0, 0});
    Candidate& candidate = candidates[found->second];
    candidate.votes += 1;
    candidate.confidence += sigmoid(prediction.q_halt);
  }
  for (Candidate& candidate : candidates) candidate.confidence /= static_cast<double>(candidate.votes);
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.votes != b.votes) return a.votes > b.votes;
    return comparable(a.confidence) > comparable(b.confidence);
  });
  return candidates;
}

double pass_at(std::int64_t k, std::span<const std::vector<std::int64_t>> hits) {
  double sum = 0;
  for (const auto& task : hits) {
    const auto among = std::count_if(task.begin(), task.end(), [k](std::int64_t hit) { return hit >= 0 && hit < k; });
    sum += static_cast<double>(among) / std::max(1.0, static_cast<double>(task.size()));
  }
  return sum / std::max(1.0, static_cast<double>(hits.size()));
}

}  // namespace trm::arc
