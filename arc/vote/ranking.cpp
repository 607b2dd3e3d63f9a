#include "arc/vote/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "arc/grid_json.hpp"
#include "io/atomic_file.hpp"
#include "runtime/threads.hpp"

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

// A NaN confidence counts as -1, which sorts it after every other: comparisons with NaN are all false.
double comparable(double confidence) {
  return std::isnan(confidence) ? -1 : confidence;
}

std::string to_json(const Candidate& candidate) {
  return "{\"votes\": " + std::to_string(candidate.votes) +
         ", \"confidence\": " + nlohmann::json(candidate.confidence).dump() + ", \"grid\": " + to_json(candidate.grid) +
         '}';
}

// "[a, b]"
template <class Items, class ToText>
std::string json_list(const Items& items, const ToText& to_text) {
  std::string text = "[";
  for (const auto& item : items) {
    if (text.size() > 1) text += ", ";
    text += to_text(item);
  }
  return text + ']';
}

// The text of a ranking, a task at a time.
template <class Write>
void for_each_piece(std::span<const Task> tasks, const Ranking& ranking, const Write& write) {
  write("{");
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    write((task > 0 ? ", " : "") + json_string(tasks[task].name) + ": " +
          json_list(ranking[task], [](const std::vector<Candidate>& candidates) {
            return json_list(candidates, [](const Candidate& candidate) { return to_json(candidate); });
          }));
  }
  write("}");
}

}  // namespace

void count_vote(Candidate& candidate, float q_halt, std::int64_t steps) {
  candidate.votes += 1;
  candidate.confidence += sigmoid(q_halt);
  candidate.q_halt += static_cast<double>(q_halt);
  candidate.steps += static_cast<double>(steps);
}

void sort_candidates(std::vector<Candidate>& candidates) {
  for (Candidate& candidate : candidates) {
    const auto votes = static_cast<double>(candidate.votes);
    candidate.confidence /= votes;
    candidate.q_halt /= votes;
    candidate.steps /= votes;
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.votes != b.votes) return a.votes > b.votes;
    return comparable(a.confidence) > comparable(b.confidence);
  });
}

std::vector<Candidate> rank(std::span<const Prediction> predictions) {
  std::vector<Candidate> candidates;
  std::unordered_map<const Grid*, std::size_t, GridHash, SameGrid> index;  // keys point into `predictions`
  for (const Prediction& prediction : predictions) {
    const auto [found, is_new] = index.try_emplace(&prediction.grid, candidates.size());
    if (is_new) candidates.push_back({.grid = prediction.grid});
    count_vote(candidates[found->second], prediction.q_halt, prediction.steps);
  }
  sort_candidates(candidates);
  return candidates;
}

std::int64_t total_votes(std::span<const Candidate> candidates) {
  std::int64_t votes = 0;
  for (const Candidate& candidate : candidates) votes += candidate.votes;
  return votes;
}

Predictions no_predictions(std::span<const Task> tasks) {
  Predictions predictions(tasks.size());
  for (std::size_t task = 0; task < tasks.size(); ++task) predictions[task].resize(tasks[task].test.size());
  return predictions;
}

Ranking rank_all(const Predictions& predictions, int threads) {
  Ranking ranking(predictions.size());
  std::vector<std::pair<std::size_t, std::size_t>> inputs;  // (task, test)
  for (std::size_t task = 0; task < predictions.size(); ++task) {
    ranking[task].resize(predictions[task].size());
    for (std::size_t test = 0; test < predictions[task].size(); ++test) inputs.emplace_back(task, test);
  }
  for_each(static_cast<std::int64_t>(inputs.size()), threads, [&](std::int64_t i) {
    const auto& [task, test] = inputs[static_cast<std::size_t>(i)];
    ranking[task][test] = rank(predictions[task][test]);
  });
  return ranking;
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

std::string ranking_text(std::span<const Task> tasks, const Ranking& ranking) {
  std::string text;
  for_each_piece(tasks, ranking, [&](const std::string& piece) { text += piece; });
  return text;
}

void write_ranking(const std::filesystem::path& file, std::span<const Task> tasks, const Ranking& ranking) {
  AtomicFile output(file);
  for_each_piece(tasks, ranking, [&](const std::string& piece) { output.write(piece); });
  output.commit();
}

}  // namespace trm::arc
