// trm sudoku: sudokus in, solved sudokus out.

#include "puzzles/sudoku.hpp"

#include "cli/command.hpp"
#include "cli/solve.hpp"
#include "io/text.hpp"
#include "puzzles/board.hpp"
#include "puzzles/data_set.hpp"

namespace trm {
namespace {

PuzzleTask task_of(std::vector<sudoku::Puzzle> read) {
  PuzzleTask task;
  task.noun = "puzzle";
  task.inputs.resize(read.size() * sudoku::cells);
  for (std::size_t i = 0; i < read.size(); ++i) {
    sudoku::to_tokens(read[i].question, std::span(task.inputs).subspan(i * sudoku::cells, sudoku::cells));
    task.lines.push_back(read[i].line);
  }
  const auto puzzles = std::make_shared<const std::vector<sudoku::Puzzle>>(std::move(read));
  task.question = [puzzles](std::size_t i) { return sudoku::to_line((*puzzles)[i].question); };
  task.one_line = [](Tokens answer) { return sudoku::to_line(sudoku::from_tokens(answer)); };
  task.text = [](Tokens answer) { return sudoku::to_line(sudoku::from_tokens(answer)) + '\n'; };
  task.board = [puzzles](std::size_t i, Tokens answer, bool colour) {
    return sudoku_board((*puzzles)[i].question, sudoku::from_tokens(answer), colour);
  };
  task.check = [puzzles](std::size_t i, Tokens answer) {
    return Verdict{sudoku::faults((*puzzles)[i].question, sudoku::from_tokens(answer)), ""};
  };
  return task;
}

int solve_sudokus(const CommonOptions& common, const SolveOptions& options) {
  const Session session = open_session(options.model, common, options.steps, options.trajectories);
  require_fit(session.model.hyperparameters(), session.name, "a sudoku", sudoku::cells, sudoku::vocab_size);
  return solve(session, task_of(sudoku::parse(read_text(options.file), text_name(options.file))), common, options);
}

}  // namespace

void add_sudoku(CLI::App& app, Program& program) {
  CLI::App* command =
      add_command(app, "sudoku", "Solve sudokus.",
                  "  trm sudoku sudoku.gguf puzzles.txt              a line of 81 digits for each puzzle\n"
                  "  trm sudoku sudoku.gguf puzzles.txt --board      boards: the puzzle and its answer\n"
                  "  trm sudoku sudoku.gguf - --every-step < one.txt watch an answer form\n"
                  "  trm sudoku sudoku.gguf puzzles.csv --halt --json\n"
                  "                                                  a JSON object a line: answer, verdict, steps\n"
                  "  trm sudoku sudoku.gguf puzzles.txt --samples 8 --noise 0.1\n"
                  "                                                  the surest of eight noisy runs\n"
                  "\n"
                  "Every answer is checked against the rules and the givens; the verdict goes to stderr (and into the\n"
                  "JSON). A wrong answer is an answer: the exit code is 0.");
  auto options = std::make_shared<SolveOptions>();
  add_solve_options(*command, *options,
                    "Puzzles, '-' for standard input (default): lines of 81 cells (. or 0\n"
                    "for a blank), 9x9 grids in text, or CSV with a question column");
  set_action(command, program, options, solve_sudokus, OnInterrupt::stop);
}

}  // namespace trm
