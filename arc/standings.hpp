#pragma once
// How the vote over each test input stands: read from the journals, whose samples count in the order of their puzzle
// ids, so that neither threads nor shards nor interruptions show.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arc/challenges.hpp"
#include "arc/journal.hpp"
#include "arc/submission.hpp"
#include "arc/votes.hpp"

namespace trm::arc {

// Candidates of one test input. A sample that several journals hold counts once.
[[nodiscard]] std::vector<Candidate> rank_test_input(std::span<const Journal> journals, const std::string& puzzle,
                                                     std::int64_t test);

// One test input. The candidates themselves may be many, and stay in the journals.
struct Standing {
  std::int64_t samples = 0;
  std::int64_t first_votes = 0;
  std::int64_t place = -1;  // of the true answer among the candidates, from 0; -1: not among them, or not known
  std::optional<Attempts> attempts;  // none: no sample
};

// `truth` may be null.
[[nodiscard]] Standing standing(std::span<const Candidate> ranking, const Grid* truth);

// Mean share of a test input's samples that its first candidate has; of those with samples.
[[nodiscard]] double mean_agreement(std::span<const Standing> standings);

// Standings come in the order of the tasks and their test inputs; one without samples gets the placeholder.
[[nodiscard]] std::vector<TaskAnswers> answers(std::span<const JournalTask> tasks, std::span<const Standing> standings);
// Which these are: "1f0c79e5 (test input 2)".
[[nodiscard]] std::vector<std::string> without_samples(std::span<const JournalTask> tasks,
                                                       std::span<const Standing> standings);

}  // namespace trm::arc
