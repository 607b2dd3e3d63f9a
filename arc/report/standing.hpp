#pragma once
// How the tasks of a report stand: what its summary counts, and what its tasks are filtered and sorted by.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arc/vote/pass_at.hpp"

namespace trm::arc {

inline constexpr std::size_t attempts_submitted = 2;

// The state of a test input. A task has the state of its test inputs that comes last in this order.
enum class Outcome : std::uint8_t {
  solved,     // an attempt is right
  answered,   // the truth is not known
  undecided,  // no attempt is known to be right, and a candidate that is not submitted has as many votes as the second
  wrong,      // the truth is known, and no attempt is right
  missing,    // there is no prediction
};
inline constexpr std::array outcomes = {Outcome::solved, Outcome::answered, Outcome::undecided, Outcome::wrong,
                                        Outcome::missing};

// "solved", and a sign that tells it without colour.
[[nodiscard]] std::string_view name_of(Outcome outcome);
[[nodiscard]] std::string_view sign_of(Outcome outcome);

// Where the truth is among the candidates, from 0; nothing: it is not.
[[nodiscard]] std::optional<std::size_t> place_of(const Grid& truth, std::span<const Candidate> candidates);

[[nodiscard]] Outcome outcome_of(std::span<const Candidate> candidates, const Grid* truth);

struct TaskStanding {
  Outcome outcome = Outcome::solved;
  double agreement = 0;      // the first candidate's share of the votes, the least over the test inputs
  std::int64_t samples = 0;  // of all test inputs
};
// `truths`: of each test input; empty: not known.
[[nodiscard]] TaskStanding standing_of(std::span<const std::vector<Candidate>> tests, std::span<const Grid> truths);

}  // namespace trm::arc
