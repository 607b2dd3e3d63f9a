#pragma once
// The report of a run: one HTML page that loads nothing and has no script; its Content-Security-Policy forbids both.
// Filtering and sorting are radio buttons and CSS, so that a page from somebody else can be opened without a thought.
// Text from files is escaped.
//
// A test input shows its truth where that is known, its first candidates, and the right candidate wherever it stands;
// the others are counted. So the page of 400 tasks with 1000 different candidates each stays under 10 MB.

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
  std::string title;                                       // says which run: "arc.gguf on challenges.json"
  std::vector<std::pair<std::string, std::string>> facts;  // name and value: the model, the options, the version
  std::span<const Task> tasks;                             // test inputs without cells: not known
  const Ranking& ranking;                                  // grids at least of the first candidates and the right one
  const std::optional<Solutions>& solutions;               // nothing: not every solution is known
};

// Written atomically, a task at a time. Throws Error(io).
void write_report(const std::filesystem::path& file, const Report& report);

}  // namespace trm::arc
