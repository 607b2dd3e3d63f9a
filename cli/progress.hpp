#pragma once
// How far a long command has come, on stderr: one line that rewrites itself on a
// terminal, a plain line every ten seconds elsewhere, nothing with --quiet.

#include <cstddef>
#include <mutex>
#include <string>

#include "cli/cost.hpp"

namespace trm {

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
  [[nodiscard]] std::string text(double now) const;

  const std::string noun_;
  const bool quiet_;
  const bool terminal_;
  Stopwatch watch_;
  std::mutex mutex_;
  std::size_t total_;
  std::string remark_;
  std::size_t done_ = 0;
  double next_ = 0;  // seconds: when to speak next
};

}  // namespace trm
