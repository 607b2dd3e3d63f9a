#include "puzzles/trajectories.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace trm {
namespace {

constexpr std::size_t block_samples = 65536;  // run together; bounds what is held at once

// The trajectories of one puzzle under way.
struct Gathering {
  std::vector<Trajectory> trajectories;  // each is touched by one thread
  std::atomic<std::size_t> done{0};
};

StepAnswer answer_of(const StepResult& result, std::int64_t vocab_size) {
  StepAnswer answer{std::vector<std::int32_t>(result.logits.size() / static_cast<std::size_t>(vocab_size)),
                    result.q_halt};
  argmax(result.logits, vocab_size, answer.tokens);
  return answer;
}

}  // namespace

std::vector<TrajectoryAnswer> answers_of(const std::vector<Trajectory>& trajectories) {
  std::vector<TrajectoryAnswer> answers;
  answers.reserve(trajectories.size());
  for (const Trajectory& one : trajectories) {
    answers.push_back({one.steps.back().tokens, one.steps.back().q_halt, one.measure.residual(), one.confidence});
  }
  return answers;
}

void run_trajectories(const Model& model, const RunOptions& options, std::span<const Sample> puzzles, std::size_t each,
                      const std::function<void(std::size_t, std::vector<Trajectory>)>& finished,
                      const std::function<bool()>& cancel, Best best) {
  RunOptions of_run = options;
  of_run.every_step = options.every_step || best == Best::residual;
  const std::int64_t vocab_size = model.hyperparameters().vocab_size;
  const std::size_t block = std::max<std::size_t>(1, block_samples / each);
  for (std::size_t first = 0; first < puzzles.size() && !(cancel && cancel()); first += block) {
    const std::size_t count = std::min(block, puzzles.size() - first);
    std::vector<Sample> samples;
    samples.reserve(count * each);
    for (std::size_t i = first; i < first + count; ++i) {
      for (std::size_t k = 0; k < each; ++k) {
        samples.push_back(puzzles[i]);
        samples.back().trajectory = static_cast<std::uint32_t>(k);
      }
    }
    std::vector<Gathering> gatherings(count);
    for (Gathering& gathering : gatherings) gathering.trajectories.resize(each);
    run(
        model, samples, of_run,
        [&](const StepResult& result) {
          const std::size_t puzzle = result.sample / each;
          Gathering& gathering = gatherings[puzzle];
          Trajectory& trajectory = gathering.trajectories[result.sample % each];
          if (best == Best::residual) trajectory.measure.add(result.logits, vocab_size);
          if (result.last || options.every_step) trajectory.steps.push_back(answer_of(result, vocab_size));
          if (result.last && best == Best::confidence) {
            trajectory.confidence = mean_top_probability(result.logits, vocab_size);
          }
          trajectory.steps_used = result.step;
          trajectory.halted = result.halted;
          if (!result.last || ++gathering.done < each) return;
          finished(first + puzzle, std::move(gathering.trajectories));
        },
        cancel);
  }
}

}  // namespace trm
