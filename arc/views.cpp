#include "arc/views.hpp"

#include <string_view>
#include <unordered_map>

#include "base/error.hpp"
#include "io/json.hpp"
#include "models/loaded_model.hpp"
#include "models/puzzle_name.hpp"

namespace trm::arc {
namespace {

using TaskIndex = std::unordered_map<std::string_view, std::size_t>;

TaskIndex index_of(std::span<const Task> tasks) {
  TaskIndex index;
  for (std::size_t i = 0; i < tasks.size(); ++i) index.emplace(tasks[i].name, i);
  return index;
}

void from_model(const Model& model, const TaskIndex& index, std::vector<TaskViews>& found) {
  const PuzzleTable& puzzles = model.impl().puzzles;
  PuzzleNames names(puzzles);
  for (std::int64_t row = 0; row < puzzles.rows(); ++row) {
    const std::string_view name = names.of_row(row);
    if (const auto task = index.find(plain_name(name)); task != index.end()) {
      found[task->second].views.push_back({puzzles.id_of(row), parse_puzzle_name(name).augmentation});
    }
  }
}

void from_file(const Model& model, const std::string& model_name, const std::filesystem::path& identifiers,
               const TaskIndex& index, std::vector<TaskViews>& found) {
  const PuzzleTable& puzzles = model.impl().puzzles;
  PuzzleNames names(puzzles);
  for_each_string(identifiers, [&](std::int64_t id, const std::string& name) {
    const auto task = index.find(plain_name(name));
    if (task == index.end()) return;
    TaskViews& views = found[task->second];
    const auto row = puzzles.row_of(id);
    if (!row) {
      if (views.without_row++ == 0) views.first_without_row = name;
      return;
    }
    if (puzzles.named() && names.of_row(*row) != name) {
      throw input_error(identifiers.string(), "id " + std::to_string(id),
                        "is " + name + ", in " + model_name + " it is " + std::string(names.of_row(*row)),
                        "give the identifiers.json of the data set that the model was trained on");
    }
    views.views.push_back({id, parse_puzzle_name(name).augmentation});
  });
}

}  // namespace

std::vector<TaskViews> find_views(const Model& model, const std::string& model_name, std::span<const Task> tasks,
                                  const std::optional<std::filesystem::path>& identifiers) {
  const TaskIndex index = index_of(tasks);
  std::vector<TaskViews> found(tasks.size());
  if (identifiers) {
    from_file(model, model_name, *identifiers, index, found);
  } else if (model.impl().puzzles.named()) {
    from_model(model, index, found);
  } else {
    throw input_error(model_name, "", "does not know its puzzles' names",
                      "give the identifiers.json of its training data", {"identifiers"});
  }
  return found;
}

}  // namespace trm::arc
