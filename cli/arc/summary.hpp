#pragma once
// What a run of `trm arc` came to: facts for people, on stdout and at the head of a report, and JSON for programs.

#include <string>
#include <utility>
#include <vector>

#include "arc/vote/score.hpp"
#include "cli/arc/arc_run.hpp"

namespace trm {

struct ArcSummary {
  const ArcJob& job;
  const ArcResult& result;
  std::size_t resumed = 0;          // samples that the journal held before
  std::vector<arc::PassAt> scores;  // empty: not every answer is known
};

// Name and value, in the order of reading.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> facts(const ArcSummary& summary);
[[nodiscard]] std::string json_text(const ArcSummary& summary);  // one line

}  // namespace trm
