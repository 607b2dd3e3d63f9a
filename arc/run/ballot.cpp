#include "arc/run/ballot.hpp"

#include <algorithm>
#include <iterator>

#include "arc/augmentation.hpp"
#include "arc/tokens.hpp"

namespace trm::arc {

std::vector<Prediction> ballot(std::span<const Journal> journals, const std::string& puzzle, std::int64_t test) {
  std::vector<JournalSample> samples;
  for (const Journal& journal : journals) {
    auto some = journal.samples(puzzle, test);
    std::move(some.begin(), some.end(), std::back_inserter(samples));
  }
  const auto by_id = [](const JournalSample& a, const JournalSample& b) { return a.puzzle_id < b.puzzle_id; };
  std::stable_sort(samples.begin(), samples.end(), by_id);
  const auto same = [](const JournalSample& a, const JournalSample& b) { return a.puzzle_id == b.puzzle_id; };
  samples.erase(std::unique(samples.begin(), samples.end(), same), samples.end());
  std::vector<Prediction> predictions;
  predictions.reserve(samples.size());
  for (const JournalSample& sample : samples) {
    predictions.push_back({undo(crop(sample.prediction), parse_puzzle_name(sample.name).augmentation), sample.q_halt});
  }
  return predictions;
}

std::int64_t total_votes(std::span<const Candidate> candidates) {
  std::int64_t votes = 0;
  for (const Candidate& candidate : candidates) votes += candidate.votes;
  return votes;
}

double mean_agreement(const Ranking& ranking) {
  double sum = 0;
  double count = 0;
  for (const auto& task : ranking) {
    for (const auto& candidates : task) {
      if (candidates.empty()) continue;
      sum += static_cast<double>(candidates.front().votes) / static_cast<double>(total_votes(candidates));
      count += 1;
    }
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace trm::arc
