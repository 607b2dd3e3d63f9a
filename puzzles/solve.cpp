#include "puzzles/solve.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <utility>

#include "models/session.hpp"

namespace trm {
namespace {

using Clock = std::chrono::steady_clock;

// One puzzle between its reading and its answer.
struct Open {
  std::size_t index = 0;
  std::vector<std::int32_t> question;
  Solution solution{};
};

// One try of a wave. Touched by one thread at a time.
struct Try {
  Open puzzle;
  Variant variant;
  std::uint32_t attempt = 1;
  std::vector<std::int32_t> shown{};   // [S] the model's answer, in the view
  std::vector<std::int32_t> answer{};  // [S] the same in the puzzle's own terms
  std::size_t faults = 0;              // of it
  bool over = false;                   // neither cancelled nor still to run
  bool finished = false;               // the puzzle is, with this try
};

class Solver {
 public:
  Solver(const Propose& propose, const PuzzleKind& kind, std::int64_t vocab_size, const SolveOptions& options,
         const SolveEvents& events)
      : propose_(propose), kind_(kind), vocab_size_(vocab_size), options_(options), events_(events) {}

  [[nodiscard]] std::size_t under_way() const { return first_.size() + again_.size(); }

  void add(std::size_t index, std::vector<std::int32_t> question) {
    if (kind_.contradicts(question)) {
      Solution refused{.answer = question};
      refused.faults = kind_.faults(question, question);
      events_.finished(index, std::move(refused));
      return;
    }
    first_.push_back({index, std::move(question)});
  }

  // One more try of some puzzles: the first of all that had none, else the next of those that had fewest. `most`
  // bounds the second tries, so that a puzzle that is read meanwhile need not wait long.
  void wave(std::size_t most) {
    std::vector<Try> tries;
    const bool first = !first_.empty();
    auto& queue = first ? first_ : again_;
    if (!first && out_of_time()) {
      for (const Open& open : again_) events_.finished(open.index, open.solution);
      again_.clear();
      return;
    }
    for (; !queue.empty() && (first || tries.size() < most); queue.pop_front()) {
      Try one{.puzzle = std::move(queue.front()), .variant = {}};
      one.attempt = static_cast<std::uint32_t>(one.puzzle.solution.tries + 1);
      if (!tries.empty() && tries.front().attempt != one.attempt) {
        queue.front() = std::move(one.puzzle);
        break;
      }
      tries.push_back(std::move(one));
    }
    run_tries(tries);
    for (Try& one : tries) {
      if (one.over && !one.finished) again_.push_back(std::move(one.puzzle));
    }
  }

 private:
  [[nodiscard]] bool out_of_time() const {
    return options_.time_limit > 0 &&
           std::chrono::duration<double>(Clock::now() - start_).count() >= options_.time_limit;
  }

  void run_tries(std::vector<Try>& tries) {
    std::vector<Sample> samples;
    samples.reserve(tries.size());
    for (Try& one : tries) {
      one.variant = kind_.variant(one.puzzle.question, options_.run.seed, one.attempt);
      one.shown.resize(one.puzzle.question.size());
      one.answer.resize(one.puzzle.question.size());
      samples.push_back(
          {.inputs = one.variant.inputs, .noise_key = puzzle_key(one.puzzle.question), .trajectory = one.attempt});
    }
    RunOptions run = options_.run;
    run.every_step = false;  // end_step sees them all, end_try the last alone
    if (tries.front().attempt == 1) run.noise = 0;
    propose_(
        samples, run, [&](const StepResult& result) { end_try(tries[result.sample], result); }, events_.cancel,
        [&](const StepResult& result) { return end_step(tries[result.sample], result); });
  }

  // True when the try ends with this step.
  bool end_step(Try& one, const StepResult& result) {
    argmax(result.logits, vocab_size_, one.shown);
    undo(one.variant.view, one.shown, one.answer);
    one.faults = kind_.faults(one.puzzle.question, one.answer);
    if (events_.step) {
      events_.step({one.puzzle.index, one.attempt, result.step, one.answer, one.faults, result.q_halt});
    }
    const bool hopeless = result.step == options_.run.steps / 2 && one.faults > options_.hopeless;
    return (options_.stop_when_solved && one.faults == 0) || hopeless || out_of_time();
  }

  void end_try(Try& one, const StepResult& result) {
    Solution& solution = one.puzzle.solution;
    solution.tries = one.attempt;
    solution.steps += result.step;
    if (solution.attempt == 0 || one.faults < solution.faults) {
      solution.answer = one.answer;
      solution.faults = one.faults;
      solution.attempt = one.attempt;
      solution.halted = result.halted;
      solution.q_halt = result.q_halt;
    }
    one.over = true;
    one.finished = solution.solved() || solution.tries >= options_.tries;
    if (one.finished) events_.finished(one.puzzle.index, solution);
  }

  const Propose& propose_;
  const PuzzleKind& kind_;
  const std::int64_t vocab_size_;
  const SolveOptions& options_;
  const SolveEvents& events_;
  const Clock::time_point start_ = Clock::now();
  std::deque<Open> first_;  // not tried yet
  std::deque<Open> again_;  // tried and not solved, those with the fewest tries first
};

}  // namespace

Propose propose_with(const Model& model) {
  // The session is made when it is known how many threads are wanted, and kept.
  return [&model, session = std::shared_ptr<Session>(), threads = 0](std::span<const Sample> samples,
                                                                     const RunOptions& options, const auto& report,
                                                                     const auto& cancel, const auto& stop) mutable {
    if (!session || threads != options.threads) {
      threads = options.threads;
      session = std::make_shared<Session>(model, SessionOptions{.threads = {.threads = threads}});
    }
    RunOptions all_threads = options;
    all_threads.threads = 0;
    session->run(samples, all_threads, report, cancel, stop);
  };
}

Propose propose_with(Session& session) {
  return [&session](std::span<const Sample> samples, const RunOptions& options, const auto& report, const auto& cancel,
                    const auto& stop) { session.run(samples, options, report, cancel, stop); };
}

std::size_t solve(const Propose& propose, const PuzzleKind& kind, std::int64_t vocab_size, const SolveOptions& options,
                  const QuestionSource& source, const SolveEvents& events) {
  constexpr std::size_t tries_between_reads = 64;
  Solver solver(propose, kind, vocab_size, options, events);
  const auto cancelled = [&] { return events.cancel && events.cancel(); };
  std::size_t read = 0;
  bool ended = false;
  while (!cancelled()) {
    while (!ended && solver.under_way() < options.window && (solver.under_way() == 0 || source.ready())) {
      auto question = source.next();
      if (!question) {
        ended = true;
      } else {
        solver.add(read++, std::move(*question));
      }
    }
    if (solver.under_way() > 0) {
      solver.wave(ended ? options.window : tries_between_reads);
    } else if (ended) {
      break;
    }
  }
  return read;
}

std::vector<std::optional<Solution>> solve_all(const Propose& propose, const PuzzleKind& kind, std::int64_t vocab_size,
                                               const SolveOptions& options, std::span<const Sample> questions,
                                               const std::function<bool()>& cancel) {
  std::vector<std::optional<Solution>> solutions(questions.size());  // each is touched by one thread
  std::size_t given = 0;
  const QuestionSource source{[&]() -> std::optional<std::vector<std::int32_t>> {
                                if (given == questions.size()) return std::nullopt;
                                const auto question = questions[given++].inputs;
                                return std::vector<std::int32_t>(question.begin(), question.end());
                              },
                              [] { return true; }};
  solve(propose, kind, vocab_size, options, source,
        {.finished = [&](std::size_t puzzle, Solution solution) { solutions[puzzle] = std::move(solution); },
         .step = {},
         .cancel = cancel});
  return solutions;
}

}  // namespace trm
