#include "cli/progress.hpp"

#include <cstdio>
#include <utility>

#include "cli/terminal.hpp"

namespace trm {
namespace {

constexpr double terminal_interval = 0.1;  // seconds
constexpr double plain_interval = 10;

}  // namespace

Progress::Progress(std::size_t total, std::string noun, bool quiet)
    : noun_(std::move(noun)),
      quiet_(quiet),
      terminal_(stderr_is_terminal()),
      total_(total),
      next_(terminal_ ? terminal_interval : plain_interval) {}

Progress::~Progress() {
  if (!quiet_ && terminal_) std::fputs("\r\033[K", stderr);
}

void Progress::advance() {
  const std::lock_guard lock(mutex_);
  done_ += 1;
  const double now = watch_.seconds();
  if (quiet_ || now < next_) return;
  next_ = now + (terminal_ ? terminal_interval : plain_interval);
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", text(now).c_str());
  } else {
    note(text(now));
  }
}

void Progress::update(std::size_t total, std::string remark) {
  const std::lock_guard lock(mutex_);
  total_ = total;
  remark_ = std::move(remark);
}

std::string Progress::text(double now) const {
  const double left = now / static_cast<double>(done_) * static_cast<double>(total_ - done_);
  return std::to_string(done_) + " of " + std::to_string(total_) + ' ' + noun_ + ", " + duration_text(now) + ", " +
         duration_text(left) + " left" + (remark_.empty() ? "" : "; " + remark_);
}

}  // namespace trm
