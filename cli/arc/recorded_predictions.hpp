#pragma once
// Recorded ARC predictions as they are given on the command line: journals of `trm arc` and folders of arrays, which
// vote together.

#include <optional>
#include <string>
#include <vector>

#include "arc/vote/pass_at.hpp"
#include "arc/vote/ranking.hpp"
#include "arc/vote/recorded.hpp"
#include "cli/common.hpp"

namespace trm {

struct PredictionOptions {
  std::vector<std::string> sources;  // journals and folders
  std::string challenges;            // empty: test_puzzles.json of the folders, else the journals' own list
  std::string solutions;             // empty: the solutions that the challenges carry
  bool skip_damaged = false;
  std::int64_t batch = arc::RecordedOptions{}.batch;
};
void add_prediction_options(CLI::App& command, PredictionOptions& options);

struct RecordedPredictions {
  std::string challenges;  // the file
  std::vector<arc::Task> tasks;
  std::optional<arc::Solutions> solutions;  // nothing: not every solution is known
  arc::RecordedCount count;                 // of all sources
  arc::Predictions predictions;
};

// Throws Error(usage) for a source given twice, else what the readers throw.
[[nodiscard]] RecordedPredictions read_predictions(const CommonOptions& common, const PredictionOptions& options);

// Tells on stderr which samples do not count, and which count with another sample's q_halt.
void warn_of_samples(const RecordedPredictions& recorded);

}  // namespace trm
