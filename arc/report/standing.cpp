#include "arc/report/standing.hpp"

#include <algorithm>

namespace trm::arc {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::solved:
      return "solved";
    case Outcome::answered:
      return "answered";
    case Outcome::undecided:
      return "undecided";
    case Outcome::wrong:
      return "wrong";
    case Outcome::missing:
      return "missing";
  }
  return "";
}

std::string_view sign_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::solved:
      return "\u2713";
    case Outcome::answered:
      return "\u2022";
    case Outcome::undecided:
      return "?";
    case Outcome::wrong:
      return "\u2717";
    case Outcome::missing:
      return "\u2205";
  }
  return "";
}

std::optional<std::size_t> place_of(const Grid& truth, std::span<const Candidate> candidates) {
  const auto found = std::ranges::find(candidates, truth, &Candidate::grid);
  if (found == candidates.end()) return std::nullopt;
  return static_cast<std::size_t>(found - candidates.begin());
}

Outcome outcome_of(std::span<const Candidate> candidates, const Grid* truth) {
  if (candidates.empty()) return Outcome::missing;
  if (truth != nullptr) {
    const auto place = place_of(*truth, candidates);
    if (place && *place < attempts_submitted) return Outcome::solved;
  }
  const bool tied = candidates.size() > attempts_submitted &&
                    candidates[attempts_submitted].votes == candidates[attempts_submitted - 1].votes;
  if (tied) return Outcome::undecided;
  return truth == nullptr ? Outcome::answered : Outcome::wrong;
}

TaskStanding standing_of(std::span<const std::vector<Candidate>> tests, std::span<const Grid> truths) {
  TaskStanding standing{.agreement = 1};
  for (std::size_t test = 0; test < tests.size(); ++test) {
    const auto& candidates = tests[test];
    standing.outcome = std::max(standing.outcome, outcome_of(candidates, truths.empty() ? nullptr : &truths[test]));
    const std::int64_t votes = total_votes(candidates);
    standing.samples += votes;
    const double first = votes == 0 ? 0 : static_cast<double>(candidates.front().votes) / static_cast<double>(votes);
    standing.agreement = std::min(standing.agreement, first);
  }
  if (tests.empty()) standing = {.outcome = Outcome::missing};
  return standing;
}

}  // namespace trm::arc
