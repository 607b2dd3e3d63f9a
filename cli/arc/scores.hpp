#pragma once
// pass@K in the JSON of the ARC commands, named as the reference evaluator names it.

#include <nlohmann/json.hpp>
#include <span>

#include "arc/vote/score.hpp"

namespace trm {

// {"ARC/pass@1": share, ..., "intervals": {"ARC/pass@1": [low, high], ...}}; empty without scores.
[[nodiscard]] nlohmann::ordered_json to_json(std::span<const arc::PassAt> scores);

}  // namespace trm
