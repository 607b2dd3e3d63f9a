#pragma once
// The votes that journals hold. They count in the order of their puzzle ids, so that neither threads nor shards nor
// interruptions show.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "arc/run/journal.hpp"
#include "arc/vote/ranking.hpp"

namespace trm::arc {

// The predictions for one test input. A sample that several journals hold counts once.
[[nodiscard]] std::vector<Prediction> ballot(std::span<const Journal> journals, const std::string& puzzle,
                                             std::int64_t test);

[[nodiscard]] std::int64_t total_votes(std::span<const Candidate> candidates);

// Mean share of a test input's votes that its first candidate has; of those with votes.
[[nodiscard]] double mean_agreement(const Ranking& ranking);

}  // namespace trm::arc
