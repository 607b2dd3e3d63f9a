#include "arc/vote/ranking.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "arc/grid_json.hpp"
#include "io/atomic_file.hpp"

namespace trm::arc {
namespace {

Attempts attempts(std::span<const Candidate> candidates) {
  if (candidates.empty()) return {placeholder(), placeholder()};
  return {candidates.front().grid, candidates[candidates.size() > 1 ? 1 : 0].grid};
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

}  // namespace

Ballots empty_ballots(std::span<const Task> tasks) {
  Ballots ballots(tasks.size());
  for (std::size_t task = 0; task < tasks.size(); ++task) ballots[task].resize(tasks[task].test.size());
  return ballots;
}

Ranking rank_all(const Ballots& ballots, int threads) {
  Ranking ranking(ballots.size());
  std::vector<std::pair<std::size_t, std::size_t>> inputs;  // (task, test)
  for (std::size_t task = 0; task < ballots.size(); ++task) {
    ranking[task].resize(ballots[task].size());
    for (std::size_t test = 0; test < ballots[task].size(); ++test) inputs.emplace_back(task, test);
  }
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (const auto& input : inputs) {
    ranking[input.first][input.second] = rank(ballots[input.first][input.second]);
  }
  return ranking;
}

std::vector<TaskAnswers> answers(std::span<const Task> tasks, const Ranking& ranking) {
  std::vector<TaskAnswers> all;
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    all.push_back({tasks[task].name, {}});
    for (const auto& candidates : ranking[task]) all.back().tests.push_back(attempts(candidates));
  }
  return all;
}

std::vector<std::string> unanswered(std::span<const Task> tasks, const Ranking& ranking) {
  std::vector<std::string> names;
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    for (std::size_t test = 0; test < ranking[task].size(); ++test) {
      if (!ranking[task][test].empty()) continue;
      names.push_back(tasks[task].name + " (test input " + std::to_string(test + 1) + ')');
    }
  }
  return names;
}

void write_ranking(const std::filesystem::path& file, std::span<const Task> tasks, const Ranking& ranking) {
  AtomicFile output(file);
  output.write("{");
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    output.write((task > 0 ? ", " : "") + json_string(tasks[task].name) + ": " +
                 json_list(ranking[task], [](const std::vector<Candidate>& candidates) {
                   return json_list(candidates, [](const Candidate& candidate) { return to_json(candidate); });
                 }));
  }
  output.write("}");
  output.commit();
}

}  // namespace trm::arc
