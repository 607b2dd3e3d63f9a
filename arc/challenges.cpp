#include "arc/challenges.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "arc/grid_json.hpp"
#include "base/error.hpp"
#include "io/json.hpp"
#include "io/text.hpp"
#include "models/puzzle_name.hpp"

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

// Calls `take` for every example of the list called `key`.
template <class Take>
void for_each_example(const json& task, const char* key, const Place& place, const Take& take) {
  std::size_t number = 0;
  for (const json& example : list(task, key, place)) {
    const Place here = place.at(std::string(key) + ' ' + std::to_string(++number));
    if (!example.is_object()) throw here.fail("is no object", "{\"input\": grid, \"output\": grid} is meant");
    take(example, here);
  }
}

Task to_sound_task(const std::string& name, const json& value, const Place& place) {
  if (name.find(puzzle_name_separator) != std::string::npos) {
    throw place.fail("has ||| in its name", "that divides a puzzle's name from its augmentation; rename the task");
  }
  if (!value.is_object()) throw place.fail("is no object", "{\"train\": [...], \"test\": [...]} is meant");
  Task task;
  task.name = name;
  for_each_example(value, "train", place, [&](const json& example, const Place& here) {
    task.train.push_back({grid(example, "input", here), grid(example, "output", here)});
  });
  for_each_example(value, "test", place, [&](const json& example, const Place& here) {
    task.test.push_back(grid(example, "input", here));
    const auto output = example.find("output");
    const bool known = output != example.end() && !output->is_null();
    task.expected.push_back(known ? std::optional(grid(example, "output", here)) : std::nullopt);
  });
  if (task.test.empty()) throw place.fail("has no test input", "there is nothing to answer; remove the task");
  return task;
}

// An odd task keeps its place in the submission: its name, and as many test inputs as it lists, at least one.
Task to_task(const std::string& name, const json& value, const std::string& file) {
  try {
    return to_sound_task(name, value, {file, "task '" + name + "'"});
  } catch (const Error& error) {
    std::size_t tests = 1;
    if (value.is_object() && value.contains("test") && value["test"].is_array()) {
      tests = std::max<std::size_t>(value["test"].size(), 1);
    }
    ErrorParts parts = error.parts();
    parts.file.clear();
    return {.name = name,
            .train = {},
            .test = std::vector<Grid>(tests),
            .expected = std::vector<std::optional<Grid>>(tests),
            .fault = to_text(parts)};
  }
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
  json single = json::object();  // the members of a file of one task
  for_each_member(text, file, [&](const std::string& name, const json& value) {
    if ((name == "train" || name == "test") && value.is_array())
      single[name] = value;
    else
      tasks.push_back(to_task(name, value, file));
  });
  if (!single.empty()) {
    const auto sound = [](const Task& task) { return task.fault.empty(); };
    if (std::any_of(tasks.begin(), tasks.end(), sound)) {
      throw input_error(file, "", "holds named tasks and a task without a name", "give every task a name");
    }
    tasks = {to_task(std::filesystem::path(file).stem().string(), single, file)};
  }
  const auto odd = [](const Task& task) { return !task.fault.empty(); };
  if (std::all_of(tasks.begin(), tasks.end(), odd)) require_sound(tasks, file);
  return tasks;
}

void require_sound(std::span<const Task> tasks, const std::string& file) {
  for (const Task& task : tasks) {
    if (!task.fault.empty()) throw input_error(file, "", task.fault);
  }
}

std::vector<std::vector<Grid>> parse_solutions(std::string_view text, const std::string& file,
                                               std::span<const Task> tasks) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < tasks.size(); ++i) places.emplace(tasks[i].name, i);
  std::vector<std::vector<Grid>> solutions(tasks.size());
  for_each_member(text, file, [&](const std::string& name, const json& value) {
    const auto found = places.find(name);
    if (found == places.end()) return;
    const Task& task = tasks[found->second];
    if (task.fault.empty()) {
      solutions[found->second] = to_solution(value, task.test.size(), {file, "task '" + name + "'"});
    }
  });
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!tasks[i].fault.empty()) solutions[i].resize(tasks[i].test.size());
    if (!solutions[i].empty()) continue;
    throw input_error(file, "task '" + tasks[i].name + "'", "is missing", "give the solutions of the same challenges");
  }
  return solutions;
}

std::vector<std::filesystem::path> challenges_files(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Task> read_challenges(const std::filesystem::path& path) {
  const auto read = [](const std::filesystem::path& file) {
    return parse_challenges(read_small_file(file, largest_file), file.string());
  };
  if (!std::filesystem::is_directory(path)) return read(path);
  std::vector<Task> tasks;
  for (const auto& file : challenges_files(path)) {
    std::vector<Task> own = read(file);
    if (own.size() != 1 || own.front().name != file.stem()) {
      throw input_error(file.string(), "", "is no task; in a folder every .json file is one",
                        "move it away, or give the file of all tasks");
    }
    tasks.push_back(std::move(own.front()));
  }
  if (tasks.empty()) throw input_error(path.string(), "", "holds no .json file", "a folder holds one task a file");
  return tasks;
}

std::vector<std::vector<Grid>> read_solutions(const std::filesystem::path& file, std::span<const Task> tasks) {
  return parse_solutions(read_small_file(file, largest_file), file.string(), tasks);
}

}  // namespace trm::arc
