// trm maze: mazes in, the same with the way from S to G out.

#include "puzzles/maze.hpp"

#include "cli/command.hpp"
#include "cli/solve.hpp"
#include "io/text.hpp"
#include "puzzles/board.hpp"
#include "puzzles/data_set.hpp"

namespace trm {
namespace {

Verdict verdict_of(const maze::Puzzle& puzzle, Tokens answer) {
  auto [faults, moves, shortest] = maze::check(puzzle.question, maze::from_tokens(answer));
  std::string remark;
  if (moves > 0) {
    remark = "a way of " + std::to_string(moves) + " moves" +
             (moves == shortest ? ", the shortest" : ", the shortest has " + std::to_string(shortest));
  }
  return {std::move(faults), std::move(remark)};
}

PuzzleTask task_of(std::vector<maze::Puzzle> read) {
  PuzzleTask task;
  task.noun = "maze";
  const std::size_t cells = read.front().question.size();
  task.inputs.resize(read.size() * cells);
  for (std::size_t i = 0; i < read.size(); ++i) {
    maze::to_tokens(read[i].question, std::span(task.inputs).subspan(i * cells, cells));
    task.lines.push_back(read[i].line);
  }
  const auto mazes = std::make_shared<const std::vector<maze::Puzzle>>(std::move(read));
  task.question = [mazes](std::size_t i) { return (*mazes)[i].question; };
  task.one_line = [](Tokens answer) { return maze::from_tokens(answer); };
  task.text = [](Tokens answer) { return maze::to_text(maze::from_tokens(answer)) + '\n'; };
  task.board = [mazes](std::size_t i, Tokens answer, bool colour) {
    return maze_board((*mazes)[i].question, maze::from_tokens(answer), colour);
  };
  task.check = [mazes](std::size_t i, Tokens answer) { return verdict_of((*mazes)[i], answer); };
  return task;
}

int solve_mazes(const CommonOptions& common, const SolveOptions& options) {
  const Session session = open_session(options.model, common, options.steps, options.trajectories);
  const Hyperparameters& model = session.model.hyperparameters();
  const std::size_t side = maze::side_of(model.seq_len).value_or(30);
  require_fit(model, session.name, "a maze", static_cast<std::int64_t>(side * side), maze::vocab_size);
  return solve(session, task_of(maze::parse(read_text(options.file), text_name(options.file), side)), common, options);
}

}  // namespace

void add_maze(CLI::App& app, Program& program) {
  CLI::App* command =
      add_command(app, "maze", "Find the way through mazes.",
                  "  trm maze maze.gguf mazes.txt            each maze with 'o' on its path, an empty line after it\n"
                  "  trm maze maze.gguf mazes.txt --board    drawn for people\n"
                  "  trm maze maze.gguf mazes.csv --json     a JSON object a line: answer, verdict, steps\n"
                  "\n"
                  "Every answer is checked: the path connects S and G through free cells, and nothing else has\n"
                  "changed. The verdict goes to stderr (and into the JSON). A wrong answer is an answer: the exit\n"
                  "code is 0.");
  auto options = std::make_shared<SolveOptions>();
  add_solve_options(*command, *options,
                    "Mazes, '-' for standard input (default): 30 lines of 30 cells each\n"
                    "('#' wall, ' ' free, one S, one G; the model's size if it is another),\n"
                    "empty lines between mazes, or CSV with a question column");
  set_action(command, program, options, solve_mazes, OnInterrupt::stop);
}

}  // namespace trm
