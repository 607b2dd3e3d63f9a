#pragma once
// How far a long command has come, on stderr: on a terminal one line that is drawn anew, never wider than the terminal
// is at that moment; elsewhere a plain line a minute; nothing with --quiet.

#include <cstddef>
#include <mutex>
#include <string>

#include "cli/cost.hpp"

namespace trm {

struct ProgressState {
  std::size_t done = 0;
  std::size_t total = 0;
  std::string noun;    // what is counted, in the plural
  std::string remark;  // more to say, or nothing
  double seconds = 0;  // since the start
};

// "3 of 9 examples, 4.0 s, 8.0 s left; remark", and less of it where a line has no room for so many characters.
[[nodiscard]] std::string progress_text(const ProgressState& state, std::size_t width);

class Progress {
 public:
  // `noun` is what is counted, in the plural ("examples").
  Progress(std::size_t total, std::string noun, bool quiet);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void advance();  // one more is done; from any thread
  // What is to be done in all, where that changes on the way, and what else there is to say; from any thread.
  void update(std::size_t total, std::string remark);

 private:
  const bool quiet_;
  const bool terminal_;
  Stopwatch watch_;
  std::mutex mutex_;
  ProgressState state_;
  double next_ = 0;  // seconds: when to speak next
};

}  // namespace trm
