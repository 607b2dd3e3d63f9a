#pragma once
// The results of the ARC commands: facts for people, on stdout and at the head of a report, and JSON for programs.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arc/run/journal.hpp"
#include "arc/run/loop.hpp"
#include "arc/vote/pass_at.hpp"
#include "cli/session.hpp"

namespace trm {

// {"ARC/pass@1": share, ..., "intervals": {"ARC/pass@1": [low, high], ...}}, named as the reference evaluator names
// them; empty for an empty span.
[[nodiscard]] nlohmann::ordered_json pass_at_json(std::span<const arc::PassAt> pass_at);

// The K for which pass@K says something: 1, 2, and those for which a test input has so many candidates.
[[nodiscard]] std::vector<arc::PassAt> telling(const std::vector<arc::PassAt>& pass_at, const arc::Ranking& ranking);

// What a report says of its run: the journal's header, the program's version and the date (UTC).
using Facts = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Facts run_facts(const arc::JournalHeader& header);
// "arc.gguf on challenges.json", of the files' own names.
[[nodiscard]] std::string report_title(const std::string& of, const std::string& challenges);

// A run of `trm arc`.
struct ArcSummary {
  const CommandSession& session;
  const arc::Plan& plan;
  const arc::LoopResult& result;
  double seconds = 0;
  std::vector<arc::PassAt> pass_at;  // empty: not every solution is known
};

// Name and value, in the order of reading.
[[nodiscard]] Facts facts(const ArcSummary& summary);
[[nodiscard]] std::string json_text(const ArcSummary& summary);  // one line

}  // namespace trm
