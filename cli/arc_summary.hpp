#pragma once
// What a run of `trm arc` came to: facts for people, on stdout and at the head of a report, and JSON for programs.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arc/score.hpp"
#include "arc/standings.hpp"
#include "cli/arc_run.hpp"
#include "cli/session.hpp"

namespace trm {

struct ArcSummary {
  const Session& session;
  const arc::Plan& plan;
  const ArcResult& result;
  std::size_t resumed = 0;          // samples that the journal held before
  std::vector<arc::PassAt> scores;  // empty: not every answer is known
  double seconds = 0;
};

// Name and value, in the order of reading.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> facts(const ArcSummary& summary);
[[nodiscard]] std::string text(const ArcSummary& summary);       // these, a line each
[[nodiscard]] std::string json_text(const ArcSummary& summary);  // one line

}  // namespace trm
