#pragma once
// Recorded ARC predictions as they are given on the command line: journals of `trm arc` and folders of arrays, which
// vote together.

#include <optional>
#include <string>
#include <vector>

#include "arc/run/journal.hpp"
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
  arc::RecordedCount count;                 // of the folders; of journals as they are read
  std::vector<arc::Journal> journals;
  arc::Predictions of_folders;  // of journals predictions are read when they are needed: they may be many
};

// Throws Error(usage) for a source given twice, else what the readers throw.
[[nodiscard]] RecordedPredictions read_predictions(const CommonOptions& common, const PredictionOptions& options);

// All predictions for a test input: those of the journals, then those of the folders. Counts them.
[[nodiscard]] std::vector<arc::Prediction> predictions_for(RecordedPredictions& recorded, std::size_t task,
                                                           std::size_t test);

// Tells on stderr which samples do not count, and which count with another sample's q_halt.
void warn_of_samples(const RecordedPredictions& recorded);

}  // namespace trm
