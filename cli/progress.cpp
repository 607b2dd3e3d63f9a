#include "cli/progress.hpp"

#include <limits>
#include <utility>

#include "cli/terminal.hpp"

namespace trm {
namespace {

constexpr double terminal_interval = 0.1;  // seconds
constexpr double plain_interval = 60;

}  // namespace

std::string progress_text(const ProgressState& state, std::size_t width) {
  const double left = state.seconds / static_cast<double>(state.done) * static_cast<double>(state.total - state.done);
  const std::string count = std::to_string(state.done) + " of " + std::to_string(state.total);
  const std::string time_left = ", " + duration_text(left) + " left";
  std::string counted = count + ' ' + state.noun + ", " + duration_text(state.seconds) + time_left;
  if (!state.remark.empty() && counted.size() + 2 + state.remark.size() <= width) return counted + "; " + state.remark;
  if (counted.size() <= width) return counted;
  if (count.size() + time_left.size() <= width) return count + time_left;
  return count.substr(0, width);
}

Progress::Progress(std::size_t total, std::string noun, bool quiet)
    : quiet_(quiet),
      terminal_(stderr_is_terminal()),
      state_{.total = total, .noun = std::move(noun), .remark = {}},
      next_(terminal_ ? terminal_interval : plain_interval) {}

Progress::~Progress() {
  if (!quiet_ && terminal_) draw_line("");
}

void Progress::advance() {
  const std::lock_guard lock(mutex_);
  state_.done += 1;
  state_.seconds = watch_.seconds();
  if (quiet_ || state_.seconds < next_) return;
  next_ = state_.seconds + (terminal_ ? terminal_interval : plain_interval);
  if (terminal_) {
    const std::size_t width = stderr_width();
    draw_line(progress_text(state_, (width > 0 ? width : 80) - 1));  // a full line would wrap on some terminals
  } else {
    note(progress_text(state_, std::numeric_limits<std::size_t>::max()));
  }
}

void Progress::update(std::size_t total, std::string remark) {
  const std::lock_guard lock(mutex_);
  state_.total = total;
  state_.remark = std::move(remark);
}

}  // namespace trm
