#include "arc/run/plan.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "arc/tokens.hpp"
#include "base/error.hpp"
#include "puzzles/views.hpp"

namespace trm::arc {

namespace {

// The side of the canvas that the model reads; 0 if its cells form no canvas.
std::int64_t canvas_of(const Model& model) {
  return canvas_side(static_cast<std::size_t>(model.hyperparameters().seq_len));
}

void leave_out_too_large(std::vector<Task>& tasks, std::int64_t side) {
  const std::string canvas = std::to_string(side) + " x " + std::to_string(side);
  for (Task& task : tasks) {
    const auto large = std::ranges::find_if(task.test, [side](const Grid& grid) { return !fits(grid, side); });
    if (!task.fault.empty() || large == task.test.end()) continue;
    task.fault = "task '" + task.name + "', test " + std::to_string(large - task.test.begin() + 1) +
                 ", input: " + std::to_string(large->rows) + " x " + std::to_string(large->cols) +
                 " cells do not fit the model's canvas of " + canvas;
    std::ranges::fill(task.test, Grid{});
  }
}

void require_arc(const Model& model, const std::string& name) {
  const Hyperparameters& h = model.hyperparameters();
  if (canvas_of(model) == 0 || h.vocab_size != vocab_size) {
    throw input_error(name, "",
                      "reads " + std::to_string(h.seq_len) + " cells of " + std::to_string(h.vocab_size) + " tokens",
                      "ARC needs a model of " + std::to_string(vocab_size) +
                          " tokens whose cells are a square canvas: " + std::to_string(cells) + " for " +
                          std::to_string(largest_side) + " x " + std::to_string(largest_side) + ", or fewer");
  }
  if (model.puzzle_rows() == 0) {
    throw input_error(name, "", "holds no puzzle embeddings, without which its accuracy is zero",
                      "convert the checkpoint with the ids of the challenges", {"ids"});
  }
}

}  // namespace

void fit_tasks(const Model& model, const std::string& name, std::vector<Task>& tasks) {
  require_arc(model, name);
  leave_out_too_large(tasks, canvas_of(model));
}

Plan plan_of(const Model& model, const std::string& name, std::vector<Task> tasks,
             const std::optional<std::filesystem::path>& identifiers, std::size_t samples) {
  auto views = find_views(model, name, tasks, identifiers);
  return make_plan(std::move(tasks), std::move(views), samples, canvas_of(model));
}

void require_trained(const Plan& plan, const std::string& model_name) {
  if (std::ranges::any_of(plan.views, [](const TaskViews& task) { return !task.views.empty(); })) return;
  throw input_error(model_name, "", "was not trained on any task of the challenges",
                    "convert the checkpoint with the ids of the challenges, or give a model of these tasks", {"ids"});
}

Plan make_plan(std::vector<Task> tasks, std::vector<TaskViews> views, std::size_t samples, std::int64_t side) {
  const auto canvas = static_cast<std::size_t>(side * side);
  Plan plan{.tasks = std::move(tasks), .views = std::move(views), .inputs = {}, .samples = {}, .canvas = canvas};
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    const std::size_t trained = plan.views[task].views.size();
    for (std::size_t test = 0; test < plan.tasks[task].test.size(); ++test) {
      plan.inputs.push_back({task, test});
      plan.samples.push_back(samples == 0 ? trained : std::min(samples, trained));
    }
  }
  return plan;
}

std::size_t take_over(const Plan& plan, const SampleStore& store, Schedule& schedule, std::vector<Tally>& tallies) {
  std::map<std::pair<std::string, std::int64_t>, std::size_t> input_of;
  for (std::size_t input = 0; input < plan.inputs.size(); ++input) {
    input_of[{plan.task_of(input).name, static_cast<std::int64_t>(plan.inputs[input].test)}] = input;
  }
  std::size_t done = 0;
  store.for_each([&](const SampleKey& key, const Prediction& prediction) {
    const auto input = input_of.find({key.puzzle, key.test});
    if (input == input_of.end()) return;
    tallies[input->second].add(key.puzzle_id, prediction);
    const auto& views = plan.views[plan.inputs[input->second].task].views;
    const auto view = std::lower_bound(views.begin(), views.end(), key.puzzle_id,
                                       [](const View& at, std::int64_t id) { return at.puzzle_id < id; });
    if (view == views.end() || view->puzzle_id != key.puzzle_id) return;
    done += schedule.mark_done({input->second, static_cast<std::size_t>(view - views.begin())}) ? 1 : 0;
  });
  return done;
}

Sample make_sample(const Plan& plan, const ScheduledSample& sample, std::span<std::int32_t> tokens) {
  const Grid& given = plan.task_of(sample.input).test[plan.inputs[sample.input].test];
  const View& view = plan.view_of(sample);
  write_tokens(augment(given, view.augmentation), tokens);
  return {.inputs = tokens, .puzzle_id = view.puzzle_id, .noise_key = puzzle_key(tokens)};
}

void run_samples(const Propose& propose, const Plan& plan, std::span<const ScheduledSample> samples,
                 const RunOptions& options, const SampleStore& store,
                 const std::function<void(std::size_t input, const FinishedSample& sample)>& finished,
                 const std::function<bool()>& cancel) {
  std::vector<std::int32_t> tokens(samples.size() * plan.canvas);  // [samples, canvas]
  std::vector<Sample> inputs;
  for (const ScheduledSample& sample : samples) {
    inputs.push_back(make_sample(plan, sample, std::span(tokens).subspan(inputs.size() * plan.canvas, plan.canvas)));
  }
  propose(inputs, options,
          [&](const StepResult& result) {
            const ScheduledSample& sample = samples[result.sample];
            const View& view = plan.view_of(sample);
            const std::string& puzzle = plan.task_of(sample.input).name;
            std::vector<std::int32_t> prediction(plan.canvas);
            argmax(result.logits, vocab_size, prediction);
            const FinishedSample done{
                .puzzle = puzzle,
                .test = static_cast<std::int64_t>(plan.inputs[sample.input].test),
                .puzzle_id = view.puzzle_id,
                .name = puzzle_name(puzzle, view.augmentation, view.dialect),
                .steps = result.step,
                .q_halt = result.q_halt,
                .prediction = {prediction.begin(), prediction.end()}};  // ARC's 12 tokens fit a byte
            store.add(done);
            finished(sample.input, done);
          },
          cancel, {});
}

}  // namespace trm::arc
