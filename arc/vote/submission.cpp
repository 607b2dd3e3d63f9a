#include "arc/vote/submission.hpp"

#include "arc/grid_json.hpp"
#include "io/atomic_file.hpp"

namespace trm::arc {

Grid placeholder() {
  return {2, 2, {0, 0, 0, 0}};
}

Attempts attempts(std::span<const Candidate> candidates) {
  if (candidates.empty()) return {placeholder(), placeholder()};
  return {candidates.front().grid, candidates[candidates.size() > 1 ? 1 : 0].grid};
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

std::string submission_text(std::span<const Task> tasks, const Ranking& ranking) {
  std::string text = "{";
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    text += (task > 0 ? ", " : "") + json_string(tasks[task].name) + ": [";
    for (std::size_t test = 0; test < ranking[task].size(); ++test) {
      const Attempts answer = attempts(ranking[task][test]);
      text += (test > 0 ? ", " : "") + std::string("{\"attempt_1\": ") + to_json(answer.first) +
              ", \"attempt_2\": " + to_json(answer.second) + '}';
    }
    text += ']';
  }
  return text + '}';
}

void write_submission(const std::filesystem::path& file, std::span<const Task> tasks, const Ranking& ranking) {
  write_file(file, submission_text(tasks, ranking));
}

}  // namespace trm::arc
