#pragma once
// The run over ARC tasks: samples in batches, judgements between them, every finished sample in a journal or in memory,
// and a ranking, and a submission if one is wanted, that are always up to date. It prints nothing; a front end watches
// it by callbacks.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>

#include "arc/run/plan.hpp"
#include "arc/run/sample_store.hpp"
#include "arc/run/schedule.hpp"
#include "arc/vote/pass_at.hpp"
#include "arc/vote/ranking.hpp"
#include "models/model.hpp"
#include "puzzles/solve.hpp"

namespace trm::arc {

// When a test input gets no more samples before all of its views are run.
enum class UntilDecided : std::uint8_t {
  no,
  exact,     // no outcome of the remaining samples would change its answer: decided()
  probable,  // a change is improbable: chance_of_change()
};

struct LoopOptions {
  RunOptions run{};  // steps, halting, threads, seed
  UntilDecided until_decided = UntilDecided::no;
  // The run stops after so long. With such a limit, test inputs whose answer will probably not change wait until no
  // other test input has samples left.
  double seconds = std::numeric_limits<double>::infinity();
  Shard shard{};
  // Of each test input the ranking holds the grids of so many candidates, and of the one that is right, if the
  // solutions are known; of the others it holds votes and means, so that memory does not grow with them.
  std::size_t grids = std::numeric_limits<std::size_t>::max();
  const Solutions* solutions = nullptr;
  std::filesystem::path submission{};  // written at the start, every ten seconds and at the end; empty: none
};

// LoopOptions::grids of a run whose candidates are many: more than a submission and a report show.
inline constexpr std::size_t kept_grids = 8;

// What has come of the run so far.
struct LoopResult {
  Ranking ranking{};        // as Tally::ranking() gives it
  std::size_t resumed = 0;  // samples that the store held before
  std::size_t run = 0;      // samples finished by this run
  std::size_t saved = 0;    // samples not run because the answer to their test input was decided
  std::size_t left = 0;     // samples not run yet
};

// Each may be empty.
struct LoopCallbacks {
  std::function<void()> finished{};                         // a sample is finished; from several threads at once
  std::function<void(const LoopResult& so_far)> renewed{};  // the ranking was renewed, and the submission with it
  std::function<bool()> cancel{};                           // true: stop at the next step
};

// Runs the samples of the plan that neither the store holds nor another shard runs, until all are done, the time is
// over or `cancel` says so. A journal's store is that of the plan: Journal::write with journal_header and
// journal_tasks. Throws what run() and the store throw, and Error(io) when the submission cannot be written, which
// shows before the first sample.
[[nodiscard]] LoopResult run_loop(const Propose& propose, const Plan& plan, const SampleStore& store,
                                  const LoopOptions& options, const LoopCallbacks& callbacks);

}  // namespace trm::arc
