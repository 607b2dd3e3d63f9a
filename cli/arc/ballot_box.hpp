#pragma once
// Where recorded ARC predictions come from: journals of `trm arc` and folders of arrays, which vote together.

#include <optional>
#include <string>
#include <vector>

#include "arc/vote/ranking.hpp"
#include "arc/vote/recorded.hpp"
#include "arc/vote/score.hpp"
#include "cli/common.hpp"

namespace trm {

struct BallotOptions {
  std::vector<std::string> sources;  // journals and folders
  std::string challenges;            // empty: test_puzzles.json of the folders, else the journals' own list
  std::string solutions;             // empty: those that the challenges carry
  bool skip_damaged = false;
  std::int64_t batch = arc::RecordedOptions{}.batch;
};
void add_ballot_options(CLI::App& command, BallotOptions& options);

struct BallotBox {
  std::string challenges;  // the file
  std::vector<arc::Task> tasks;
  std::optional<arc::Solutions> solutions;  // nothing: not every answer is known
  arc::RecordedCount count;                 // of all sources
  arc::Ballots ballots;
};

// Throws Error(usage) for a source given twice, else what the readers throw.
[[nodiscard]] BallotBox read_ballots(const CommonOptions& common, const BallotOptions& options);

// On stderr: samples that do not count, or count otherwise than one would think.
void warn_of_samples(const BallotBox& box);

}  // namespace trm
