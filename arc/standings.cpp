#include "arc/standings.hpp"

#include <algorithm>
#include <iterator>

#include "arc/augmentation.hpp"
#include "arc/tokens.hpp"

namespace trm::arc {

std::vector<Candidate> rank_test_input(std::span<const Journal> journals, const std::string& puzzle,
                                       std::int64_t test) {
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
  for (const JournalSample& sample : samples) {
    predictions.push_back({undo(crop(sample.prediction), parse_puzzle_name(sample.name).augmentation), sample.q_halt});
  }
  return rank(predictions);
}

Standing standing(std::span<const Candidate> ranking, const Grid* truth) {
  Standing result;
  for (const Candidate& candidate : ranking) result.samples += candidate.votes;
  if (ranking.empty()) return result;
  result.first_votes = ranking.front().votes;
  result.attempts = {ranking.front().grid, ranking[ranking.size() > 1 ? 1 : 0].grid};
  if (truth == nullptr) return result;
  const auto found = std::find_if(ranking.begin(), ranking.end(),
                                  [&](const Candidate& candidate) { return candidate.grid == *truth; });
  if (found != ranking.end()) result.place = found - ranking.begin();
  return result;
}

double mean_agreement(std::span<const Standing> standings) {
  double sum = 0;
  double count = 0;
  for (const Standing& at : standings) {
    if (at.samples == 0) continue;
    sum += static_cast<double>(at.first_votes) / static_cast<double>(at.samples);
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

std::vector<TaskAnswers> answers(std::span<const JournalTask> tasks, std::span<const Standing> standings) {
  const Attempts none{placeholder(), placeholder()};
  std::vector<TaskAnswers> all;
  auto at = standings.begin();
  for (const JournalTask& task : tasks) {
    TaskAnswers& own = all.emplace_back(TaskAnswers{task.name, {}});
    for (std::int64_t test = 0; test < task.test_inputs; ++test, ++at) own.tests.push_back(at->attempts.value_or(none));
  }
  return all;
}

std::vector<std::string> without_samples(std::span<const JournalTask> tasks, std::span<const Standing> standings) {
  std::vector<std::string> names;
  auto at = standings.begin();
  for (const JournalTask& task : tasks) {
    for (std::int64_t test = 0; test < task.test_inputs; ++test, ++at) {
      if (at->samples == 0) names.push_back(task.name + " (test input " + std::to_string(test + 1) + ")");
    }
  }
  return names;
}

}  // namespace trm::arc
