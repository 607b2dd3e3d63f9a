#pragma once
// The results of the ARC commands: facts for people, on stdout and at the head of a report, and JSON for programs.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arc/run/loop.hpp"
#include "arc/vote/pass_at.hpp"
#include "cli/session.hpp"

namespace trm {

// {"ARC/pass@1": share, ..., "intervals": {"ARC/pass@1": [low, high], ...}}, named as the reference evaluator names
// them; empty for an empty span.
[[nodiscard]] nlohmann::ordered_json pass_at_json(std::span<const arc::PassAt> pass_at);

// A run of `trm arc`.
struct ArcSummary {
  const CommandSession& session;
  const arc::Plan& plan;
  const arc::LoopResult& result;
  double seconds = 0;
  std::vector<arc::PassAt> pass_at;  // empty: not every solution is known
};

// Name and value, in the order of reading.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> facts(const ArcSummary& summary);
[[nodiscard]] std::string json_text(const ArcSummary& summary);  // one line

}  // namespace trm
