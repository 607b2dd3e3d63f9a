#pragma once
// Chooses how many members of a team share a sample: all of them on a quiet machine. Where other programs use the CPUs,
// members wait for one that the system has suspended, and fewer members are faster. Steps are timed, and the team
// shrinks and grows accordingly. Every step of a model is the same work, so the times are comparable.

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

namespace trm {

class TeamSize {
 public:
  explicit TeamSize(int most) {
    for (; most > 1 && last_ + 1 < levels_.size(); most /= 2) levels_[last_++].members = most;
  }

  [[nodiscard]] int members() const { return levels_[at_].members; }

  // Reports the time of a step that members() members shared.
  void step_took(double seconds) {
    if (std::exchange(first_, false)) return;  // the first step also reads the weights into the caches
    Level& level = levels_[at_];
    undisturbed_ = std::min(undisturbed_, seconds * level.members);
    level.mean = level.mean == 0 ? seconds : level.mean + (seconds - level.mean) / window;
    ++steps_;
    if (trial_) {
      trial_ = false;
      if (seconds > levels_[at_ + 1].mean) return shrink();
      level.mean = seconds;  // the mean from before the team shrank no longer counts
    }
    if (at_ < last_ && steps_ >= window && level.mean > worth_it * expected(at_ + 1)) {
      return shrink();
    }
    if (steps_ >= calm) patience_ = window;
    if (at_ > 0 && steps_ >= patience_) {
      trial_ = true;
      return move_to(at_ - 1);
    }
  }

 private:
  struct Level {
    int members = 1;
    double mean = 0;  // seconds of a step, of about the last `window` steps; 0: unknown
  };

  static constexpr int window = 4;              // steps
  static constexpr int longest_patience = 128;  // steps
  static constexpr int calm = 256;              // steps after which a disturbance is forgotten
  static constexpr double worth_it = 1.1;

  // The time of a step at another level: its mean, or, if unknown, the work of the fastest step shared by its members.
  [[nodiscard]] double expected(std::size_t to) const {
    return levels_[to].mean > 0 ? levels_[to].mean : undisturbed_ / levels_[to].members;
  }

  void shrink() {
    patience_ = std::min(2 * patience_, longest_patience);
    move_to(at_ + 1);
  }
  void move_to(std::size_t level) {
    at_ = level;
    steps_ = 0;
  }

  std::array<Level, 17> levels_{};  // from all members to one, which is level last_
  std::size_t last_ = 0;
  std::size_t at_ = 0;
  double undisturbed_ = std::numeric_limits<double>::infinity();  // member seconds of the fastest step
  int steps_ = 0;                                                 // at this level
  int patience_ = window;                                         // steps until a larger team is tried again
  bool first_ = true;
  bool trial_ = false;  // one step of a larger team
};

}  // namespace trm
