#include "arc/submission.hpp"

#include "arc/grid_json.hpp"
#include "io/atomic_file.hpp"

namespace trm::arc {

Grid placeholder() {
  return {2, 2, {0, 0, 0, 0}};
}

void write_submission(const std::filesystem::path& file, const std::vector<TaskAnswers>& answers) {
  std::string text = "{";
  for (const TaskAnswers& task : answers) {
    if (text.size() > 1) text += ", ";
    text += json_string(task.task) + ": [";
    for (std::size_t i = 0; i < task.tests.size(); ++i) {
      text += (i > 0 ? ", " : "") + std::string("{\"attempt_1\": ") + to_json(task.tests[i].first) +
              ", \"attempt_2\": " + to_json(task.tests[i].second) + '}';
    }
    text += ']';
  }
  write_file(file, text + '}');
}

}  // namespace trm::arc
