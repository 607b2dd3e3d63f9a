#include "arc/challenges.hpp"

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "arc/grid_json.hpp"
#include "base/error.hpp"
#include "io/json.hpp"
#include "io/text.hpp"

namespace trm::arc {
namespace {

using nlohmann::json;

constexpr std::uint64_t largest_file = std::uint64_t{256} << 20;  // the public sets take 2 MB

// Where in a file, for messages: "task 'a', test 2, input".
struct Place {
  const std::string& file;
  std::string path;

  [[nodiscard]] Place at(const std::string& step) const { return {file, path + ", " + step}; }
  [[nodiscard]] Error fail(const std::string& what, const std::string& remedy = {}) const {
    return input_error(file, path, what, remedy);
  }
};

const json& member(const json& object, const char* key, const Place& place) {
  const auto found = object.find(key);
  if (found == object.end()) throw place.fail(std::string("has no \"") + key + '"');
  return *found;
}

const json& list(const json& object, const char* key, const Place& place) {
  const json& value = member(object, key, place);
  if (!value.is_array()) throw place.at(key).fail("is no list");
  return value;
}

// The grid called `key` of an example.
Grid grid(const json& example, const char* key, const Place& place) {
  return grid_of(member(example, key, place), place.file, place.at(key).path);
}

Task to_task(const std::string& name, const json& value, const std::string& file) {
  const Place place{file, "task '" + name + "'"};
  if (name.find("|||") != std::string::npos) {
    throw place.fail("has ||| in its name", "that divides a puzzle's name from its augmentation; rename the task");
  }
  if (!value.is_object()) throw place.fail("is no object", "{\"train\": [...], \"test\": [...]} is meant");
  Task task;
  task.name = name;
  const auto each = [&](const char* key, const auto& take) {
    std::size_t number = 0;
    for (const json& example : list(value, key, place)) {
      const Place here = place.at(std::string(key) + ' ' + std::to_string(++number));
      if (!example.is_object()) throw here.fail("is no object", "{\"input\": grid, \"output\": grid} is meant");
      take(example, here);
    }
  };
  each("train", [&](const json& example, const Place& here) {
    task.train.push_back({grid(example, "input", here), grid(example, "output", here)});
  });
  each("test", [&](const json& example, const Place& here) {
    task.test.push_back(grid(example, "input", here));
    task.expected.push_back(example.contains("output") ? std::optional(grid(example, "output", here)) : std::nullopt);
  });
  if (task.test.empty()) throw place.fail("has no test input", "there is nothing to answer; remove the task");
  return task;
}

std::vector<Grid> to_solution(const json& value, std::size_t tests, const Place& place) {
  if (!value.is_array()) throw place.fail("is no list of grids");
  if (value.size() != tests) {
    throw place.fail("has " + std::to_string(value.size()) + " answers for " + std::to_string(tests) + " test inputs",
                     "give the solutions of the same challenges");
  }
  std::vector<Grid> grids;
  for (const json& answer : value) {
    grids.push_back(grid_of(answer, place.file, place.at("answer " + std::to_string(grids.size() + 1)).path));
  }
  return grids;
}

}  // namespace

std::vector<Task> parse_challenges(std::string_view text, const std::string& file) {
  std::vector<Task> tasks;
  for_each_member(text, file,
                  [&](const std::string& name, const json& value) { tasks.push_back(to_task(name, value, file)); });
  return tasks;
}

std::vector<std::vector<Grid>> parse_solutions(std::string_view text, const std::string& file,
                                               std::span<const Task> tasks) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < tasks.size(); ++i) places.emplace(tasks[i].name, i);
  std::vector<std::vector<Grid>> solutions(tasks.size());
  for_each_member(text, file, [&](const std::string& name, const json& value) {
    const auto found = places.find(name);
    if (found == places.end()) return;
    solutions[found->second] = to_solution(value, tasks[found->second].test.size(), {file, "task '" + name + "'"});
  });
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!solutions[i].empty()) continue;
    throw input_error(file, "task '" + tasks[i].name + "'", "is missing", "give the solutions of the same challenges");
  }
  return solutions;
}

std::vector<Task> read_challenges(const std::filesystem::path& file) {
  return parse_challenges(read_small_file(file, largest_file), file.string());
}

std::vector<std::vector<Grid>> read_solutions(const std::filesystem::path& file, std::span<const Task> tasks) {
  return parse_solutions(read_small_file(file, largest_file), file.string(), tasks);
}

}  // namespace trm::arc
