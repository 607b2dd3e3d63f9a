#pragma once
// From predictions to a ranking, as the reference evaluator votes. A prediction is one sample's answer to a test input;
// equal predictions are votes for one candidate; a ranking lists the candidates, best first.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/grid.hpp"

namespace trm::arc {

// One sample's answer, its augmentation undone.
struct Prediction {
  Grid grid;
  float q_halt = 0;
  std::int64_t steps = 0;  // that the sample took; 0: not recorded
};

struct Candidate {
  Grid grid;
  std::int64_t votes = 0;
  double confidence = 0;  // mean of sigmoid(q_halt), summed in the order of the predictions
  double q_halt = 0;      // mean
  double steps = 0;       // mean
};

// The parts of rank(), for callers that count votes as they come. After count_vote() of every prediction the means are
// sums, until sort_candidates() makes means of them and puts the best first; ties keep their order.
void count_vote(Candidate& candidate, float q_halt, std::int64_t steps);
void sort_candidates(std::vector<Candidate>& candidates);

// The candidates of one test input by (votes, confidence), descending; ties keep the order in which they were first
// predicted.
[[nodiscard]] std::vector<Candidate> rank(std::span<const Prediction> predictions);

[[nodiscard]] std::int64_t total_votes(std::span<const Candidate> candidates);

using Predictions = std::vector<std::vector<std::vector<Prediction>>>;  // [task][test][sample], in order of arrival
using Ranking = std::vector<std::vector<std::vector<Candidate>>>;       // [task][test][place], best first

// No prediction yet for any test input.
[[nodiscard]] Predictions no_predictions(std::span<const Task> tasks);

// rank() of every test input; the same bits for any number of threads.
[[nodiscard]] Ranking rank_all(const Predictions& predictions, int threads);

// The share of votes for the first candidate, averaged over the test inputs that have votes.
[[nodiscard]] double mean_agreement(const Ranking& ranking);

// Every candidate: {task: [[{"votes": 3, "confidence": 0.5, "grid": grid}, best first], one list per test input]}.
[[nodiscard]] std::string ranking_text(std::span<const Task> tasks, const Ranking& ranking);
// The same as a file, written atomically, a task at a time. Throws Error(io).
void write_ranking(const std::filesystem::path& file, std::span<const Task> tasks, const Ranking& ranking);

}  // namespace trm::arc
