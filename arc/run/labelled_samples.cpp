#include "arc/run/labelled_samples.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "arc/tokens.hpp"

namespace trm::arc {
namespace {

struct Examples {
  Plan plan;
  Solutions solutions;
  std::vector<ScheduledSample> samples;
};

Batch read(const Examples& examples, std::size_t first, std::size_t count) {
  const auto side = static_cast<std::size_t>(cells);
  Batch batch{std::vector<std::int32_t>(count * side), std::vector<std::int32_t>(count * side), {}};
  for (std::size_t i = 0; i < count; ++i) {
    const ScheduledSample& sample = examples.samples[first + i];
    const View& view = examples.plan.view_of(sample);
    const auto [task, test] = examples.plan.inputs[sample.input];
    write_input(examples.plan, sample, std::span(batch.inputs).subspan(i * side, side));
    const auto labels = std::span(batch.labels).subspan(i * side, side);
    write_tokens(augment(examples.solutions[task][test], view.augmentation), labels);
    std::replace(labels.begin(), labels.end(), padding, ignored_label);
    batch.puzzle_ids.push_back(view.puzzle_id);
  }
  return batch;
}

}  // namespace

DataSet labelled_samples(Plan plan, Solutions solutions, std::string name) {
  Schedule schedule(plan.samples, Shard{}, false);
  auto samples = schedule.next(schedule.left());
  const std::size_t total = samples.size();
  auto examples = std::make_shared<const Examples>(Examples{std::move(plan), std::move(solutions), std::move(samples)});
  return {.name = std::move(name), .examples = total, .read = [examples](std::size_t first, std::size_t count) {
            return read(*examples, first, count);
          }};
}

}  // namespace trm::arc
