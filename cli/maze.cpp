// trm maze: mazes in, the same with the way from S to G out.

#include "puzzles/maze.hpp"

#include <memory>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/solve.hpp"
#include "io/line_source.hpp"
#include "models/bundled/bundled.hpp"
#include "puzzles/board.hpp"
#include "puzzles/data_set.hpp"
#include "puzzles/kinds.hpp"

namespace trm {
namespace {

PuzzleReader open_mazes(const std::string& name, std::size_t side) {
  const auto reader = std::make_shared<maze::Reader>(LineSource::open(name, interrupted), side);
  return {[reader]() -> std::optional<ReadPuzzle> {
            const auto puzzle = reader->next();
            if (!puzzle) return std::nullopt;
            ReadPuzzle read{std::vector<std::int32_t>(puzzle->question.size()), puzzle->line};
            maze::to_tokens(puzzle->question, read.question);
            return read;
          },
          [reader] { return reader->ready(); }};
}

Verdict maze_verdict(Tokens question, Tokens answer) {
  auto [faults, moves, shortest] = maze::check(maze::from_tokens(question), maze::from_tokens(answer));
  Verdict verdict{std::move(faults)};
  if (moves > 0) {
    verdict.remark = "a way of " + std::to_string(moves) + " moves" +
                     (moves == shortest ? ", the shortest" : ", the shortest has " + std::to_string(shortest));
  }
  verdict.unsolvable = shortest == 0;
  return verdict;
}

PuzzleTask maze_task(std::size_t side) {
  PuzzleTask task;
  task.noun = "maze";
  task.kind = maze_kind(side);
  task.open = [side](const std::string& name) { return open_mazes(name, side); };
  task.one_line = [](Tokens maze) { return maze::from_tokens(maze); };
  task.text = [](Tokens answer) { return maze::to_text(maze::from_tokens(answer)) + '\n'; };
  task.board = [](Tokens question, Tokens answer, Tokens before, bool colour) {
    const maze::Grid earlier = maze::from_tokens(before);
    return maze_board(maze::from_tokens(question), maze::from_tokens(answer), colour,
                      before.empty() ? nullptr : &earlier);
  };
  task.check = maze_verdict;
  return task;
}

int solve_mazes(const CommonOptions& common, const SolveArguments& given) {
  SolveArguments options = given;
  separate_model(options);
  const CommandSession session = open_session(
      options.model.empty() ? ModelSource{"the bundled model", bundled_maze_model()} : ModelSource{options.model, {}},
      common, options.steps, options.trajectories);
  const Hyperparameters& model = session.model.hyperparameters();
  const std::size_t side = maze::side_of(model.seq_len).value_or(30);
  require_fit(model, session.name, "a maze", static_cast<std::int64_t>(side * side), maze::vocab_size);
  note_keyboard(options, common, std::to_string(side) + " lines of " + std::to_string(side) + " cells, # S G or space");
  return solve(session, maze_task(side), common, options);
}

}  // namespace

void add_maze(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, "maze", "Find the way through mazes.",
      "  trm maze mazes.txt                         each maze with 'o' on its path, an empty line after it\n"
      "  trm maze mazes.txt --board                 drawn for people\n"
      "  trm maze -m maze.gguf mazes.csv --json     a JSON object a line: answer, verdict, steps\n"
      "\n"
      "A model for mazes of 11 lines of 11 cells is in the program; -m names another.\n"
      "The rules judge after every step: the path connects S and G through free cells, and nothing else has\n"
      "changed. A maze that a try leaves unsolved is tried again in another of its eight views (turned,\n"
      "mirrored). The verdict goes to stderr (and into the JSON). A wrong answer is an answer: the exit\n"
      "code is 0.");
  auto options = std::make_shared<SolveArguments>();
  add_solve_options(*command, *options,
                    "Files of mazes, '-' for standard input (default): 11 lines of 11 cells\n"
                    "each ('#' wall, ' ' free, one S, one G; the model's size if it is another),\n"
                    "empty lines between mazes, or CSV with a question column");
  set_action(command, program, options, solve_mazes, OnInterrupt::stop);
}

}  // namespace trm
