#pragma once
// The samples of a plan as examples with known answers: what the test split of the official data set folder holds that
// is built of the same tasks.

#include <string>

#include "arc/run/plan.hpp"
#include "arc/vote/score.hpp"
#include "puzzles/data_set.hpp"

namespace trm::arc {

// In the order in which `trm arc` runs them: each test input comes once before any comes twice. `name` is for messages.
[[nodiscard]] DataSet data_set(Plan plan, Solutions solutions, std::string name);

}  // namespace trm::arc
