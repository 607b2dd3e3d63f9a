// The loop of tries, with stand-ins for the model that answer right in one place only.

#include "puzzles/solve.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>

#include "puzzles/kinds.hpp"
#include "puzzles/sudoku.hpp"
#include "tests/catch.hpp"

namespace trm::puzzles_solve_test {
namespace {

using Cells = std::vector<std::int32_t>;

const std::string question_line = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79";
const std::string answer_line = "534678912672195348198342567859761423426853791713924856961537284287419635345286179";

Cells tokens_of(const std::string& line) {
  Cells tokens(line.size());
  sudoku::to_tokens(sudoku::parse(line, "t").front().question, tokens);
  return tokens;
}

// One step of the stand-in: what it answers to these inputs, in their view.
using Answer = std::function<Cells(const Sample&, std::int64_t step)>;

// run() of the library, with `answer` in place of a model.
Propose stand_in(Answer answer) {
  return [answer = std::move(answer)](std::span<const Sample> samples, const RunOptions& options, const auto& report,
                                      const auto& cancel, const auto& stop) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      for (std::int64_t step = 1; step <= options.steps; ++step) {
        if (cancel && cancel()) return;
        std::vector<float> logits(sudoku::cells * static_cast<std::size_t>(sudoku::vocab_size));
        const Cells tokens = answer(samples[i], step);
        for (std::size_t cell = 0; cell < sudoku::cells; ++cell) {
          logits[cell * static_cast<std::size_t>(sudoku::vocab_size) + static_cast<std::size_t>(tokens[cell])] = 1;
        }
        StepResult result;
        result.sample = i;
        result.step = step;
        result.last = step == options.steps;
        result.logits = logits;
        if (stop(result)) result.last = true;
        if (result.last) report(result);
        if (result.last) break;
      }
    }
  };
}

QuestionSource list_of(const std::vector<Cells>& questions) {
  auto next = std::make_shared<std::size_t>(0);
  return {[&questions, next]() -> std::optional<Cells> {
            if (*next == questions.size()) return std::nullopt;
            return questions[(*next)++];
          },
          [] { return true; }};
}

std::map<std::size_t, Solution> solve_all(const Propose& propose, const std::vector<Cells>& questions,
                                          const SolveOptions& options) {
  std::map<std::size_t, Solution> solutions;
  std::mutex mutex;
  const std::size_t read = solve(propose, sudoku_kind(), sudoku::vocab_size, options, list_of(questions),
                                 {.finished =
                                      [&](std::size_t puzzle, Solution solution) {
                                        const std::lock_guard lock(mutex);
                                        const bool first = solutions.emplace(puzzle, std::move(solution)).second;
                                        CHECK(first);
                                      },
                                  .step = {},
                                  .cancel = {}});
  CHECK(read == questions.size());
  return solutions;
}

// Right at step 3 of try `good` of a puzzle, else the inputs themselves.
Propose right_at(std::uint32_t good, std::uint64_t seed) {
  return stand_in([=](const Sample& sample, std::int64_t step) {
    const Cells inputs(sample.inputs.begin(), sample.inputs.end());
    const View view = sudoku_kind().variant(tokens_of(question_line), seed, good).view;
    if (sample.trajectory != good || step < 3) return inputs;
    Cells shown(inputs.size());
    apply(view, tokens_of(answer_line), shown);
    return shown;
  });
}

}  // namespace

TEST_CASE("a model that is right in one view alone is right at that try") {
  for (const std::uint32_t good : {1U, 2U, 3U, 4U, 5U, 9U}) {
    const SolveOptions options{.run = {.steps = 6, .seed = 11}, .tries = 10};
    const auto solutions = solve_all(right_at(good, 11), {tokens_of(question_line)}, options);
    const Solution& solution = solutions.at(0);
    CHECK(solution.solved());
    CHECK(solution.answer == tokens_of(answer_line));
    CHECK(solution.attempt == good);
    CHECK(solution.tries == good);
    CHECK(solution.steps == 6 * (good - 1) + 3);
  }
}

TEST_CASE("a puzzle that stays unsolved has all its tries and the answer with the fewest faults") {
  const SolveOptions options{.run = {.steps = 2}, .tries = 5};
  Cells nearly = tokens_of(answer_line);
  nearly[80] = 2;
  const auto propose = stand_in([&](const Sample& sample, std::int64_t) {
    const Cells question = tokens_of(question_line);
    Cells shown(question.size());
    apply(sudoku_kind().variant(question, 0, sample.trajectory).view, sample.trajectory == 3 ? nearly : question,
          shown);
    return shown;
  });
  const Solution solution = solve_all(propose, {tokens_of(question_line)}, options).at(0);
  CHECK_FALSE(solution.solved());
  CHECK(solution.tries == 5);
  CHECK(solution.steps == 10);
  CHECK(solution.attempt == 3);
  CHECK(solution.answer == nearly);
  CHECK(solution.faults ==
        sudoku::faults(sudoku::from_tokens(tokens_of(question_line)), sudoku::from_tokens(nearly)).size());
}

TEST_CASE("all puzzles have their first try before any has its second") {
  std::vector<std::uint32_t> order;
  const auto propose = stand_in([&](const Sample& sample, std::int64_t) {
    order.push_back(sample.trajectory);
    return Cells(sample.inputs.begin(), sample.inputs.end());
  });
  solve_all(propose, std::vector<Cells>(5, tokens_of(question_line)), {.run = {.steps = 1}, .tries = 3});
  CHECK(order == std::vector<std::uint32_t>{1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3});
}

TEST_CASE("a window smaller than the list finishes every puzzle") {
  const SolveOptions options{.run = {.steps = 4, .seed = 2}, .tries = 4, .window = 3};
  const auto solutions = solve_all(right_at(4, 2), std::vector<Cells>(20, tokens_of(question_line)), options);
  REQUIRE(solutions.size() == 20);
  for (const auto& [puzzle, solution] : solutions) CHECK(solution.attempt == 4);
}

TEST_CASE("a source without more puzzles for now does not hold back those that were read") {
  // The second puzzle comes only once the first is finished, as from somebody who waits for the answer.
  const Cells question = tokens_of(question_line);
  std::size_t read = 0, finished = 0;
  const QuestionSource source{[&]() -> std::optional<Cells> {
                                CHECK(finished == read);
                                if (read == 3) return std::nullopt;
                                read += 1;
                                return question;
                              },
                              [&] { return false; }};
  solve(right_at(3, 0), sudoku_kind(), sudoku::vocab_size, {.run = {.steps = 3}, .tries = 4}, source,
        {.finished = [&](std::size_t, const Solution&) { finished += 1; }, .step = {}, .cancel = {}});
  CHECK(finished == 3);
}

TEST_CASE("contradicting givens are not tried") {
  Cells bad = tokens_of(question_line);
  bad[2] = bad[0];
  const auto propose = stand_in([](const Sample&, std::int64_t) -> Cells { throw std::logic_error("tried"); });
  const Solution solution = solve_all(propose, {bad}, {.run = {.steps = 2}, .tries = 3}).at(0);
  CHECK(solution.attempt == 0);
  CHECK(solution.tries == 0);
  CHECK(solution.answer == bad);
  CHECK_FALSE(solution.solved());
}

TEST_CASE("a try that is hopeless after half of its steps is given up") {
  const auto propose = stand_in([](const Sample& s, std::int64_t) { return Cells(s.inputs.begin(), s.inputs.end()); });
  const std::vector<Cells> one{tokens_of(question_line)};
  SolveOptions options{.run = {.steps = 9}, .tries = 2, .hopeless = 5};
  CHECK(solve_all(propose, one, options).at(0).steps == 8);
  options.hopeless = 80;
  CHECK(solve_all(propose, one, options).at(0).steps == 18);
}

TEST_CASE("when the time is over every puzzle still has its first try") {
  const auto propose = stand_in([](const Sample& s, std::int64_t) { return Cells(s.inputs.begin(), s.inputs.end()); });
  const SolveOptions options{.run = {.steps = 8}, .tries = 50, .time_limit = 1e-9};
  const auto solutions = solve_all(propose, std::vector<Cells>(4, tokens_of(question_line)), options);
  REQUIRE(solutions.size() == 4);
  for (const auto& [puzzle, solution] : solutions) {
    CHECK(solution.tries == 1);
    CHECK(solution.steps == 1);
  }
}

TEST_CASE("a cancelled run ends, and finishes nothing that it has not finished") {
  std::size_t steps = 0, finished = 0;
  const auto propose = stand_in([&](const Sample& s, std::int64_t) {
    steps += 1;
    return Cells(s.inputs.begin(), s.inputs.end());
  });
  const std::vector<Cells> questions(4, tokens_of(question_line));
  solve(propose, sudoku_kind(), sudoku::vocab_size, {.run = {.steps = 8}, .tries = 50}, list_of(questions),
        {.finished = [&](std::size_t, const Solution&) { finished += 1; },
         .step = {},
         .cancel = [&] { return steps >= 100; }});
  CHECK(steps == 100);
  CHECK(finished == 0);
}

}  // namespace trm::puzzles_solve_test
