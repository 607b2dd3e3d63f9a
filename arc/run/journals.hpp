#pragma once
// The journals of one run, from one machine or several, taken together. Predictions count in the order of their puzzle
// ids, so that the ranking depends neither on threads nor on shards nor on interruptions.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/run/journal.hpp"
#include "arc/vote/ranking.hpp"
#include "models/model.hpp"

namespace trm::arc {

// The header of the journal of such a run.
[[nodiscard]] JournalHeader journal_header(const Model& model, const RunOptions& run,
                                           const std::filesystem::path& challenges);

// Opens journals of one run, in order. A damaged journal is told to `skipped` and left out, if `skipped` is given;
// else throws Error(input) naming it, as for a journal of another model, other options or other challenges.
[[nodiscard]] std::vector<Journal> open_journals(std::span<const std::string> files,
                                                 const std::function<void(const std::string& reason)>& skipped);

// Throws Error(input) unless the journals were made with these challenges.
void check_challenges(std::span<const Journal> journals, const std::filesystem::path& challenges);

// What a run on these tasks writes into its journal, and where it keeps its samples. The journal must outlive the
// store.
[[nodiscard]] std::vector<JournalTask> journal_tasks(std::span<const Task> tasks);
[[nodiscard]] SampleStore store_of(Journal& journal);

// The journal's tasks as far as a submission needs them: names, and empty grids for test inputs.
[[nodiscard]] std::vector<Task> tasks_of(const Journal& journal);

// The predictions for one test input. A sample that several journals hold counts once.
[[nodiscard]] std::vector<Prediction> predictions_for(std::span<const Journal> journals, const std::string& puzzle,
                                                      std::int64_t test);

// Adds the predictions for all of `tasks`. Returns how many they are.
std::int64_t add_journals(std::span<const Journal> journals, std::span<const Task> tasks, Predictions& predictions);

}  // namespace trm::arc
