#pragma once
// The report of a run: one HTML page that needs neither network nor scripts.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/votes.hpp"

namespace trm::arc {

struct Report {
  std::vector<std::pair<std::string, std::string>> facts;  // what was run, how, and what came of it: name and value
  std::span<const Task> tasks;
  std::vector<const Grid*> truths;  // of each test input, task after task; null where unknown
  std::function<std::vector<Candidate>(std::size_t task, std::size_t test)> ranking;
};

// Written atomically, a task at a time. Throws Error(io).
void write_report(const std::filesystem::path& file, const Report& report);

}  // namespace trm::arc
