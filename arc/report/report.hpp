#pragma once
// The report of a run: one HTML page that loads nothing and has no scripts. Text from files is escaped.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/vote/pass_at.hpp"

namespace trm::arc {

struct Report {
  std::vector<std::pair<std::string, std::string>> facts;  // name and value: the model, the options, the results
  std::span<const Task> tasks;
  const Ranking& ranking;
  const std::optional<Solutions>& solutions;  // nothing: not every solution is known
};

// Written atomically, a task at a time. Throws Error(io).
void write_report(const std::filesystem::path& file, const Report& report);

}  // namespace trm::arc
