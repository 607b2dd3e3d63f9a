#pragma once
// The samples of a run: every test input of every task, in the first views of its task that the model was trained on.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/run/sample_store.hpp"
#include "arc/run/schedule.hpp"
#include "arc/tokens.hpp"
#include "arc/views.hpp"
#include "arc/vote/tally.hpp"
#include "models/model.hpp"
#include "puzzles/solve.hpp"

namespace trm::arc {

struct TestInput {
  std::size_t task = 0;
  std::size_t test = 0;
};

struct Plan {
  std::vector<Task> tasks;
  std::vector<TaskViews> views;      // of each task
  std::vector<TestInput> inputs;     // of all tasks, one after another
  std::vector<std::size_t> samples;  // of each test input: how many of its task's views are run
  std::size_t canvas = cells;        // tokens of the model's canvas

  [[nodiscard]] const Task& task_of(std::size_t input) const { return tasks[inputs[input].task]; }
  [[nodiscard]] const View& view_of(const ScheduledSample& sample) const {
    return views[inputs[sample.input].task].views[sample.view];
  }
};

// Throws Error(input) unless the model (`name` in messages) reads ARC's cells and tokens and has puzzle ids. Gives
// every task with a test input that does not fit the model's canvas a fault.
void fit_tasks(const Model& model, const std::string& name, std::vector<Task>& tasks);
// The samples of fitted tasks in the views that the model was trained on: find_views, then make_plan.
[[nodiscard]] Plan plan_of(const Model& model, const std::string& name, std::vector<Task> tasks,
                           const std::optional<std::filesystem::path>& identifiers, std::size_t samples);
// Throws Error(input) when the model was trained on none of the tasks.
void require_trained(const Plan& plan, const std::string& model_name);

// At most `samples` of each test input; 0: all views. The model reads `side` x `side` tokens.
[[nodiscard]] Plan make_plan(std::vector<Task> tasks, std::vector<TaskViews> views, std::size_t samples,
                             std::int64_t side = largest_side);

// Takes over the samples that the store holds: the schedule does not run them again, and they vote. `tallies`: one a
// test input. Returns how many of them belong to the schedule.
std::size_t take_over(const Plan& plan, const SampleStore& store, Schedule& schedule, std::vector<Tally>& tallies);

// A sample as the model takes it: its test input in its view, written to `tokens` [canvas], which the result refers to.
// Where the model draws random numbers, they depend on these tokens and the seed alone: neither threads, batches,
// shards nor the order of samples change them.
[[nodiscard]] Sample make_sample(const Plan& plan, const ScheduledSample& sample, std::span<std::int32_t> tokens);

// Runs samples of the plan; each goes to the store when it is finished, then `finished` is called, from several
// threads at once, with its test input. `cancel` as run() takes it.
void run_samples(const Propose& propose, const Plan& plan, std::span<const ScheduledSample> samples,
                 const RunOptions& options, const SampleStore& store,
                 const std::function<void(std::size_t input, const FinishedSample& sample)>& finished,
                 const std::function<bool()>& cancel);

}  // namespace trm::arc
