#include "arc/run/sample_store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "arc/augmentation.hpp"
#include "arc/tokens.hpp"

namespace trm::arc {
namespace {

class Memory {
 public:
  void add(const FinishedSample& sample) {
    Prediction prediction = prediction_of(sample);
    const std::lock_guard lock(mutex_);
    predictions_[{sample.puzzle, sample.test}].insert_or_assign(sample.puzzle_id, std::move(prediction));
  }
  void for_each(const std::function<void(const SampleKey&, const Prediction&)>& visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [input, samples] : predictions_) {
      for (const auto& [id, prediction] : samples) visit({input.first, input.second, id}, prediction);
    }
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::int64_t>, std::map<std::int64_t, Prediction>> predictions_;  // by puzzle id
};

}  // namespace

Prediction prediction_of(const FinishedSample& sample) {
  // A task's own name may look like an augmentation.
  const auto augmentation = sample.name == sample.puzzle ? Augmentation{} : parse_puzzle_name(sample.name).augmentation;
  return {undo(crop(sample.prediction), augmentation), sample.q_halt, sample.steps};
}

SampleStore memory_store() {
  const auto memory = std::make_shared<Memory>();
  return {.add = [memory](const FinishedSample& sample) { memory->add(sample); },
          .for_each = [memory](const auto& visit) { memory->for_each(visit); },
          .commit = [] {}};
}

}  // namespace trm::arc
