#include "arc/run/schedule.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <queue>
#include <tuple>

namespace trm::arc {

Schedule::Schedule(std::span<const std::size_t> samples, Shard shard, bool judged)
    : queues_(samples.size()), judged_(judged) {
  const std::size_t most = samples.empty() ? 0 : *std::max_element(samples.begin(), samples.end());
  for (std::size_t view = 0; view < most; ++view) {
    for (std::size_t input = 0; input < samples.size(); ++input) {
      const bool ours = (view * samples.size() + input) % shard.count == shard.index;
      if (ours && view < samples[input]) queues_[input].waiting.push_back(static_cast<std::uint32_t>(view));
    }
  }
  for (Queue& queue : queues_) std::reverse(queue.waiting.begin(), queue.waiting.end());
}

bool Schedule::mark_done(ScheduledSample sample) {
  Queue& queue = queues_[sample.input];
  const auto found = std::find(queue.waiting.rbegin(), queue.waiting.rend(), sample.view);
  if (found == queue.waiting.rend()) return false;
  queue.waiting.erase(std::next(found).base());
  queue.done += 1;
  return true;
}

bool Schedule::is_due(const Queue& queue) const {
  return judged_ && !queue.waiting.empty() && queue.done > queue.passed && queue.done % judged_every == 0;
}

std::vector<ScheduledSample> Schedule::next(std::size_t count) {
  using Turn = std::tuple<bool, std::size_t, std::size_t>;  // deferred, done, test input: the least is next
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  const auto queue_up = [&](std::size_t input) {
    const Queue& queue = queues_[input];
    if (!queue.waiting.empty() && !is_due(queue)) turns.emplace(queue.deferred, queue.done, input);
  };
  for (std::size_t input = 0; input < queues_.size(); ++input) queue_up(input);
  std::vector<ScheduledSample> samples;
  while (samples.size() < count && !turns.empty()) {
    const std::size_t input = std::get<2>(turns.top());
    turns.pop();
    Queue& queue = queues_[input];
    samples.push_back({input, queue.waiting.back()});
    queue.waiting.pop_back();
    queue.done += 1;
    queue_up(input);
  }
  return samples;
}

std::vector<std::size_t> Schedule::due() const {
  std::vector<std::size_t> inputs;
  for (std::size_t input = 0; input < queues_.size(); ++input) {
    if (is_due(queues_[input])) inputs.push_back(input);
  }
  return inputs;
}

void Schedule::pass(std::size_t input) {
  queues_[input].passed = queues_[input].done;
}

void Schedule::close(std::size_t input) {
  queues_[input].waiting.clear();
}

void Schedule::defer(std::size_t input, bool deferred) {
  queues_[input].deferred = deferred;
}

std::size_t Schedule::left() const {
  std::size_t left = 0;
  for (const Queue& queue : queues_) left += queue.waiting.size();
  return left;
}

}  // namespace trm::arc
