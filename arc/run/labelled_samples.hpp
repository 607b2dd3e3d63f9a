#pragma once
// The samples of a plan as examples with known answers. The official data set folder that is built of the same tasks
// holds the same examples in its test split.

#include <string>

#include "arc/run/plan.hpp"
#include "arc/vote/pass_at.hpp"
#include "puzzles/data_set.hpp"

namespace trm::arc {

// In the order in which run_loop runs them: each test input comes once before any comes twice. `name` is for messages.
[[nodiscard]] DataSet labelled_samples(Plan plan, Solutions solutions, std::string name);

}  // namespace trm::arc
