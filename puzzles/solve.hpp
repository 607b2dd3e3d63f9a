#pragma once
// Solving puzzles whose answers can be checked: a model proposes, the rules of the puzzle judge. The rules are looked
// at after every step and the first answer that obeys them ends a try. A puzzle that a try leaves unsolved is tried
// again in another variant: a view of it, perhaps with a guessed digit or with latent noise. This is pass@k with a
// perfect judge. It is not the model's accuracy, which is what the first try alone would give.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "models/model.hpp"
#include "models/session.hpp"
#include "puzzles/views.hpp"

namespace trm {

// What a try asks the model: the puzzle in a view.
struct Variant {
  View view;
  std::vector<std::int32_t> inputs;  // [S] in the view
};

// A kind of puzzle, as far as solving needs to know it. The functions are called from several threads at once.
struct PuzzleKind {
  // How far `answer` is from solving `question`; 0: solved.
  std::function<std::size_t(Tokens question, Tokens answer)> faults;
  // Givens that no answer can obey.
  std::function<bool(Tokens question)> contradicts;
  // What try `attempt` asks, from 1, which is the puzzle as given. A function of the question, the seed and the try.
  std::function<Variant(Tokens question, std::uint64_t seed, std::uint32_t attempt)> variant;
  std::size_t tries = 1;   // a default for somebody who waits for the answer
  std::int64_t steps = 0;  // a default for the steps of one try, of a model trained for 16; 0: as trained
  // A try that has more faults than this after half of its steps is given up.
  std::size_t hopeless = static_cast<std::size_t>(-1);
};

struct SolveOptions {
  RunOptions run;         // of one try: its steps (not 0), halting, threads; noise is for the tries after the first
  std::size_t tries = 1;  // of each puzzle, at most
  // The rules end a try at the first answer that obeys them. Without that a try has all its steps, as a model alone.
  bool stop_when_solved = true;
  std::size_t hopeless = static_cast<std::size_t>(-1);  // as in PuzzleKind
  double time_limit = 0;  // seconds for all puzzles together: later no try begins but a first one, and tries that run
                          // end with their next step; 0: none
  std::size_t window = 4096;  // puzzles under way at once; more are not read before one is finished
};

// What became of one puzzle.
struct Solution {
  std::vector<std::int32_t> answer;  // [S] the answer that obeys the rules, else the one with the fewest faults
  std::size_t faults = 0;            // of it; 0: solved
  std::size_t attempt = 0;           // the try it comes from, from 1; 0: not tried, the givens contradict each other
  std::size_t tries = 0;             // made
  std::int64_t steps = 0;            // of all tries together
  bool halted = false;               // by the halting head, in that try
  float q_halt = 0;                  // after the last step of that try
  [[nodiscard]] bool solved() const { return faults == 0 && attempt > 0; }
};

// The answer after one step, in the puzzle's own terms.
struct SolveStep {
  std::size_t puzzle = 0;  // in the order of reading
  std::size_t attempt = 0;
  std::int64_t step = 0;  // of this try
  Tokens answer;
  std::size_t faults = 0;
  float q_halt = 0;
};

// Where puzzles come from, perhaps slowly.
struct QuestionSource {
  std::function<std::optional<std::vector<std::int32_t>>()> next;  // [S]; waits; nothing at the end
  std::function<bool()> ready;                                     // can next() answer without waiting?
};

struct SolveEvents {
  // A puzzle is done. From several threads at once, in any order.
  std::function<void(std::size_t puzzle, Solution solution)> finished;
  std::function<void(const SolveStep&)> step;  // after every step; may be empty
  std::function<bool()> cancel;                // true: stop at the next step; may be empty
};

// run() of models/model.hpp with its model, or what stands in for it in a test.
using Propose =
    std::function<void(std::span<const Sample>, const RunOptions&, const std::function<void(const StepResult&)>& report,
                       const std::function<bool()>& cancel, const std::function<bool(const StepResult&)>& stop)>;

[[nodiscard]] Propose propose_with(const Model& model);  // which must outlive it
[[nodiscard]] Propose propose_with(Session& session);    // the same

// Solves all puzzles of a source. All have their first try before any has its second, within the window and as far as
// they can be read without waiting. What becomes of a puzzle depends on it, the seed, the tries and the steps; neither
// threads nor other puzzles nor their order change it (a time limit does). Returns how many puzzles were read.
std::size_t solve(const Propose& propose, const PuzzleKind& kind, std::int64_t vocab_size, const SolveOptions& options,
                  const QuestionSource& source, const SolveEvents& events);

// All of a list of questions, as they stand in memory. Empty: cancelled before it was finished.
[[nodiscard]] std::vector<std::optional<Solution>> solve_all(const Propose& propose, const PuzzleKind& kind,
                                                             std::int64_t vocab_size, const SolveOptions& options,
                                                             std::span<const Sample> questions,
                                                             const std::function<bool()>& cancel = {});

}  // namespace trm
