// trm_solve: the model proposes, the rules judge.

#include <limits>

#include "capi/batch.hpp"
#include "capi/call.hpp"
#include "capi/guard.hpp"
#include "capi/halting.hpp"
#include "capi/handles.hpp"
#include "puzzles/kinds.hpp"
#include "puzzles/solve.hpp"

namespace trm::capi {
namespace {

SolveOptions options_of(const trm_session& session, const PuzzleKind& kind, const trm_solve_options& given) {
  if (given.tries < 0) refuse("tries", std::to_string(given.tries), "give 1 or more, or 0 for the default");
  if (given.steps < 0) refuse("steps", std::to_string(given.steps), "give 1 or more, or 0 for the default");
  if (!(given.time_limit >= 0)) refuse("time_limit", "is no number of seconds", "give 0 for none");
  RunOptions run;
  run.steps = given.steps;
  set_halting(given.halt, given.halt_margin, run);
  run.seed = given.seed;
  SolveOptions options =
      trm::options_of(kind, session.model.model.hyperparameters(), run, static_cast<std::size_t>(given.tries));
  options.time_limit = given.time_limit;
  return options;
}

// The questions of a batch, one after another.
QuestionSource source_of(std::span<const Sample> samples, std::size_t& given) {
  return {[samples, &given]() -> std::optional<std::vector<std::int32_t>> {
            if (given == samples.size()) return std::nullopt;
            const Tokens question = samples[given++].inputs;
            return std::vector<std::int32_t>(question.begin(), question.end());
          },
          [] { return true; }};
}

constexpr std::uint64_t unfinished = std::numeric_limits<std::uint64_t>::max();

void write_unfinished(const trm_solutions& out, std::span<const Sample> samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Tokens question = samples[i].inputs;
    if (out.answers != nullptr) std::copy(question.begin(), question.end(), out.answers + i * question.size());
    write_value(out.faults, i, unfinished);
    write_value(out.attempts, i, std::int64_t{0});
    write_value(out.tries, i, std::int64_t{0});
    write_value(out.steps, i, std::int64_t{0});
  }
}

// From several threads at once, for different puzzles.
void write_solution(const trm_solutions& out, std::size_t puzzle, const Solution& solution) {
  if (out.answers != nullptr) {
    std::copy(solution.answer.begin(), solution.answer.end(), out.answers + puzzle * solution.answer.size());
  }
  write_value(out.faults, puzzle, std::uint64_t{solution.faults});
  write_value(out.attempts, puzzle, static_cast<std::int64_t>(solution.attempt));
  write_value(out.tries, puzzle, static_cast<std::int64_t>(solution.tries));
  write_value(out.steps, puzzle, solution.steps);
}

}  // namespace
}  // namespace trm::capi

trm_status trm_solve(trm_session* session, const trm_batch* puzzles, const trm_solve_options* options,
                     const trm_solutions* solutions, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    trm_session& own = required(session, "session");
    const trm::Caller only(own.caller);  // buffers are for one call at a time
    const trm_solve_options given = read_struct(options, "options");
    const trm_solutions out = read_struct(solutions, "solutions");
    const trm::Hyperparameters& h = own.model.model.hyperparameters();
    const auto kind = trm::kind_of(h, given.no_guesses == 0);
    if (!kind) refuse("session", "its model solves neither sudokus nor mazes");
    const trm::SolveOptions solve_options = options_of(own, *kind, given);
    const auto samples = read_batch(own, puzzles, "puzzles");
    write_unfinished(out, samples);
    Callbacks callbacks(given.cancel, given.context);
    std::size_t read = 0;
    const trm::SolveEvents events{
        .finished = [&](std::size_t puzzle,
                        const trm::Solution& solution) { write_solution(out, puzzle, solution); },
        .step = given.on_step == nullptr ? std::function<void(const trm::SolveStep&)>()
                                         : [&](const trm::SolveStep& step) {
                                             const trm_solve_step told{
                                                 .size = sizeof(trm_solve_step),
                                                 .puzzle = step.puzzle,
                                                 .attempt = static_cast<std::int64_t>(step.attempt),
                                                 .step = step.step,
                                                 .answer = step.answer.data(),
                                                 .faults = step.faults,
                                                 .q_halt = step.q_halt};
                                             callbacks.tell(given.on_step, &told);
                                             callbacks.throw_if_stopped();
                                           },
        .cancel = [&] { return callbacks.cancelled(); }};
    static_cast<void>(trm::solve(trm::propose_with(own.session), *kind, h.vocab_size, solve_options,
                                 source_of(samples, read), events));
    callbacks.throw_if_stopped();
  });
}
