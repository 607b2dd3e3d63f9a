// trm sudoku: sudokus in, solved sudokus out.

#include "puzzles/sudoku.hpp"

#include <algorithm>
#include <memory>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/solve.hpp"
#include "cli/terminal.hpp"
#include "io/line_source.hpp"
#include "io/text.hpp"
#include "models/bundled/bundled.hpp"
#include "puzzles/board.hpp"
#include "puzzles/data_set.hpp"
#include "puzzles/kinds.hpp"

namespace trm {
namespace {

// Is this argument a puzzle and no file's name?
bool is_puzzle(const std::string& argument, const sudoku::Shape& shape) {
  constexpr const char* symbols = "123456789.0_ABCDEFGHIJKLMNOP";
  if (shape != sudoku::Shape{}) {
    return argument.size() == shape.cells() && argument.find_first_not_of(symbols) == std::string::npos;
  }
  return argument.size() > 2 && argument.find_first_not_of("123456789.0_*?") == std::string::npos;
}

PuzzleReader reader_of(LineSource source, const sudoku::Alphabet& alphabet) {
  const auto reader = std::make_shared<sudoku::Reader>(std::move(source), alphabet.shape);
  return {[reader, alphabet]() -> std::optional<ReadPuzzle> {
            const auto puzzle = reader->next();
            if (!puzzle) return std::nullopt;
            ReadPuzzle read{std::vector<std::int32_t>(alphabet.cells()), puzzle->line};
            alphabet.to_tokens(puzzle->question, read.question);
            return read;
          },
          [reader] { return reader->ready(); }};
}

PuzzleReader open_sudokus(const std::string& argument, const sudoku::Alphabet& alphabet) {
  if (!is_puzzle(argument, alphabet.shape)) return reader_of(LineSource::open(argument, interrupted), alphabet);
  const auto text = std::make_shared<const std::string>(argument);
  PuzzleReader reader = reader_of(LineSource::text(*text, "'" + argument + "'"), alphabet);
  return {[text, next = std::move(reader.next)] { return next(); }, std::move(reader.ready)};
}

Verdict sudoku_verdict(const sudoku::Alphabet& alphabet, Tokens question, Tokens answer) {
  const sudoku::Grid puzzle = alphabet.from_tokens(question);
  Verdict verdict{sudoku::faults(puzzle, alphabet.from_tokens(answer))};
  const auto solutions = sudoku::count_solutions(puzzle, 2);
  verdict.unsolvable = solutions == 0U;
  if (verdict.faults.empty() && solutions == 2U) verdict.remark = "one of several solutions";
  if (verdict.unsolvable && !sudoku::contradicts(puzzle)) verdict.remark = "the puzzle has no solution";
  return verdict;
}

PuzzleTask sudoku_task(const sudoku::Alphabet& alphabet) {
  PuzzleTask task;
  task.noun = "puzzle";
  task.kind = sudoku_kind(true, alphabet);
  task.open = [alphabet](const std::string& argument) { return open_sudokus(argument, alphabet); };
  task.one_line = [alphabet](Tokens grid) { return sudoku::to_line(alphabet.from_tokens(grid)); };
  task.text = [alphabet](Tokens answer) { return sudoku::to_line(alphabet.from_tokens(answer)) + '\n'; };
  task.board = [alphabet](Tokens question, Tokens answer, Tokens before, bool colour) {
    const sudoku::Grid earlier = before.empty() ? sudoku::Grid{} : alphabet.from_tokens(before);
    return sudoku_board(alphabet.from_tokens(question), alphabet.from_tokens(answer), colour,
                        before.empty() ? nullptr : &earlier);
  };
  task.check = [alphabet](Tokens question, Tokens answer) { return sudoku_verdict(alphabet, question, answer); };
  return task;
}

int solve_sudokus(const CommonOptions& common, const SolveArguments& given) {
  SolveArguments options = given;
  separate_model(options);
  const CommandSession session = open_session(
      options.model.empty() ? ModelSource{"the bundled model", bundled_sudoku_model()} : ModelSource{options.model, {}},
      common, options.steps, options.trajectories);
  const Hyperparameters& h = session.model.hyperparameters();
  const auto alphabet = sudoku::alphabet_of(h.seq_len, h.vocab_size);
  if (!alphabet) require_fit(h, session.name, "a sudoku", sudoku::cells, sudoku::vocab_size);
  const sudoku::Shape shape = alphabet.value_or(sudoku::Alphabet{}).shape;
  const std::string width = std::to_string(shape.side);
  note_keyboard(
      options, common,
      std::to_string(shape.cells()) + " cells in a line, or " + width + " lines of " + width + "; . is a blank");
  return solve(session, sudoku_task(alphabet.value_or(sudoku::Alphabet{})), common, options);
}

}  // namespace

void add_sudoku(CLI::App& app, Program& program) {
  CLI::App* command =
      add_command(app, "sudoku", "Solve sudokus.",
                  "  trm sudoku 53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79\n"
                  "  trm sudoku puzzles.txt                 a line of 81 digits for each puzzle\n"
                  "  trm sudoku puzzles.txt --board         boards: the puzzle and its answer\n"
                  "  trm sudoku - --every-step < one.txt    watch an answer form\n"
                  "  trm sudoku puzzles.csv --json          a JSON object a line: answer, verdict, steps\n"
                  "  trm sudoku puzzles.txt --tries 1       the model alone: one try, all its steps\n"
                  "  trm sudoku -m sudoku.gguf puzzles.txt  another model than the one in the program\n"
                  "\n"
                  "The model says the size of the board: 9x9, or 4x4, 6x6, 16x16 and 25x25 (digits 1 to 9, then A\n"
                  "to P, or numbers apart). The rules judge after every step, and the first answer that obeys them "
                  "ends a try. What is left\n"
                  "is tried again: in another view (digits renamed, rows and columns moved) and with a digit guessed;\n"
                  "--seed chooses them. So 'solved' is certain, but it is not the model's accuracy: see 'trm eval'.\n"
                  "The verdict goes to stderr (and into the JSON). A wrong answer is an answer: the exit code is 0.");
  auto options = std::make_shared<SolveArguments>();
  add_solve_options(*command, *options,
                    "Files of puzzles, '-' for standard input (default), or puzzles: lines of\n"
                    "81 cells (. or 0 for a blank), 9x9 grids in text, or CSV with a question\n"
                    "column");
  set_action(command, program, options, solve_sudokus, OnInterrupt::stop);
}

}  // namespace trm
