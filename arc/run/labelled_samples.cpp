#include "arc/run/labelled_samples.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "arc/tokens.hpp"
#include "base/error.hpp"

namespace trm::arc {
namespace {

struct Examples {
  Plan plan;
  Solutions solutions;
  std::vector<ScheduledSample> samples;
};

Batch read(const Examples& examples, std::size_t first, std::size_t count) {
  const std::size_t canvas = examples.plan.canvas;
  Batch batch{std::vector<std::int32_t>(count * canvas), std::vector<std::int32_t>(count * canvas), {}};
  for (std::size_t i = 0; i < count; ++i) {
    const ScheduledSample& sample = examples.samples[first + i];
    const auto [task, test] = examples.plan.inputs[sample.input];
    const auto inputs = std::span(batch.inputs).subspan(i * canvas, canvas);
    batch.puzzle_ids.push_back(make_sample(examples.plan, sample, inputs).puzzle_id);
    const auto labels = std::span(batch.labels).subspan(i * canvas, canvas);
    write_tokens(augment(examples.solutions[task][test], examples.plan.view_of(sample).augmentation), labels);
    std::replace(labels.begin(), labels.end(), padding, ignored_label);
  }
  return batch;
}

}  // namespace

DataSet labelled_samples(Plan plan, Solutions solutions, std::string name) {
  for (const auto& [task, test] : plan.inputs) {
    const std::int64_t side = canvas_side(plan.canvas);
    if (fits(solutions[task][test], side)) continue;
    throw input_error(name,
                      "task '" + plan.tasks[task].name + "', the answer to test input " + std::to_string(test + 1),
                      "does not fit the model's canvas of " + std::to_string(side) + " x " + std::to_string(side),
                      "leave the task out");
  }
  Schedule schedule(plan.samples, Shard{}, false);
  auto samples = schedule.next(schedule.left());
  const std::size_t total = samples.size();
  auto examples = std::make_shared<const Examples>(Examples{std::move(plan), std::move(solutions), std::move(samples)});
  return {.name = std::move(name), .examples = total, .read = [examples](std::size_t first, std::size_t count) {
            return read(*examples, first, count);
          }};
}

}  // namespace trm::arc
