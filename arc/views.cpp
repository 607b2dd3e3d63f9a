#include "arc/views.hpp"

#include <string_view>
#include <unordered_map>

#include "base/error.hpp"
#include "io/json.hpp"
#include "models/loaded_model.hpp"
#include "models/puzzle_name.hpp"

namespace trm::arc {
namespace {

// The task and the view that a name stands for.
class TaskIndex {
 public:
  explicit TaskIndex(std::span<const Task> tasks) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i].fault.empty()) index_.emplace(tasks[i].name, i);
    }
  }

  // Files the name under its task, if it has one: as a view where the model keeps the row of its id.
  void file(std::string_view name, std::int64_t id, bool row_kept, std::vector<TaskViews>& found) const {
    const bool plain = index_.contains(name);
    const auto parts = plain ? PuzzleNameParts{.puzzle = name} : split_puzzle_name(name);
    const auto task = parts ? index_.find(parts->puzzle) : index_.end();
    if (task == index_.end()) {
      const auto hinted = index_.find(hinted_puzzle(name));
      if (hinted != index_.end()) found[hinted->second].unreadable.add(name);
    } else if (!row_kept) {
      found[task->second].without_row.add(name);
    } else {
      const PuzzleName parsed = plain ? PuzzleName{} : parse_puzzle_name(name);
      found[task->second].views.push_back({id, parsed.augmentation, parsed.dialect});
    }
  }

 private:
  // The part before the first "|||" or "_t<digit>" of a name that has the form of no augmentation.
  static std::string_view hinted_puzzle(std::string_view name) {
    for (std::size_t end = 1; end < name.size(); ++end) {
      const std::string_view rest = name.substr(end);
      if (rest.starts_with(puzzle_name_separator)) return name.substr(0, end);
      if (rest.starts_with("_t") && rest.size() > 2 && rest[2] >= '0' && rest[2] <= '9') return name.substr(0, end);
    }
    return {};
  }

  std::unordered_map<std::string_view, std::size_t> index_;
};

void from_model(const Model& model, const TaskIndex& index, std::vector<TaskViews>& found) {
  const PuzzleTable& puzzles = model.impl().puzzles;
  PuzzleNames names(puzzles);
  for (std::int64_t row = 0; row < puzzles.rows(); ++row) {
    index.file(names.of_row(row), puzzles.id_of(row), true, found);
  }
}

void from_file(const Model& model, const std::string& model_name, const std::filesystem::path& identifiers,
               const TaskIndex& index, std::vector<TaskViews>& found) {
  const PuzzleTable& puzzles = model.impl().puzzles;
  PuzzleNames known(puzzles);
  const char* remedy = "give the identifiers.json of the data set that the model was trained on";
  std::int64_t names = 0;
  for_each_string(identifiers, [&](std::int64_t id, const std::string& name) {
    names = id + 1;
    const auto row = puzzles.row_of(id);
    if (row && puzzles.named() && known.of_row(*row) != name) {
      throw input_error(identifiers.string(), "id " + std::to_string(id),
                        "is " + name + ", in " + model_name + " it is " + std::string(known.of_row(*row)), remedy);
    }
    index.file(name, id, row.has_value(), found);
  });
  const std::int64_t ids = model.hyperparameters().num_puzzle_identifiers;
  if (names != ids) {
    throw input_error(identifiers.string(), "",
                      "has " + std::to_string(names) + " names, " + model_name + " has " + std::to_string(ids) + " ids",
                      remedy);
  }
}

}  // namespace

std::vector<TaskViews> find_views(const Model& model, const std::string& model_name, std::span<const Task> tasks,
                                  const std::optional<std::filesystem::path>& identifiers) {
  const TaskIndex index(tasks);
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
