#pragma once
// The views of a task that a model was trained on: each augmentation has a puzzle id and an embedding row of its own,
// and with any other id the model's accuracy is exactly zero.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arc/augmentation.hpp"
#include "arc/challenges.hpp"
#include "models/model.hpp"

namespace trm::arc {

struct View {
  std::int64_t puzzle_id = 0;
  Augmentation augmentation;
  NameDialect dialect = NameDialect::trm;
};

// Names that cannot be used: their number, and the first of them.
struct LostNames {
  std::int64_t count = 0;
  std::string first;

  void add(std::string_view name) {
    if (count++ == 0) first = name;
  }
};

struct TaskViews {
  std::vector<View> views;  // in the order of their ids: the builder puts the plain puzzle first
  LostNames without_row;    // augmentations that identifiers.json names and whose rows the model file lacks
  LostNames unreadable;     // begin as the task's augmentations do, but have the form of neither builder
};

// One for each task. Names come from the model file, from `identifiers` (the data set's identifiers.json), or from
// both, which must then agree, as must the number of names and of the model's ids. Throws Error(input) when they do
// not, or when there are no names at all. A task with a fault has no views.
[[nodiscard]] std::vector<TaskViews> find_views(const Model& model, const std::string& model_name,
                                                std::span<const Task> tasks,
                                                const std::optional<std::filesystem::path>& identifiers);

}  // namespace trm::arc
