#pragma once
// trm sudoku and trm maze: reads puzzles as they come, lets the model try each until its rules are obeyed, and shows
// every answer with its verdict, in the order of reading.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/trajectories.hpp"
#include "puzzles/solve.hpp"

namespace trm {

struct Verdict {
  std::vector<std::string> faults;  // empty: solved
  std::string remark{};             // more to say, or nothing
  bool unsolvable = false;          // no answer obeys the rules: more tries are in vain
};

// One puzzle of a text.
struct ReadPuzzle {
  std::vector<std::int32_t> question;  // [S]
  std::size_t line = 0;                // where it starts in its text
};

// A reader of puzzles: of a file, standard input, or a puzzle on the command line.
struct PuzzleReader {
  std::function<std::optional<ReadPuzzle>()> next;
  std::function<bool()> ready;
};

// What one kind of puzzles needs besides its rules to be read and shown.
struct PuzzleTask {
  std::string noun;  // what one is called: "puzzle", "maze"
  PuzzleKind kind;
  std::function<PuzzleReader(const std::string& argument)> open;  // of a file's name, "-", or a puzzle itself
  std::function<std::string(Tokens)> one_line;                    // of a question or an answer
  std::function<std::string(Tokens answer)> text;                 // as it goes to stdout, with its line ends
  // For people. Cells that differ from `before`, if there is one, stand out.
  std::function<std::string(Tokens question, Tokens answer, Tokens before, bool colour)> board;
  std::function<Verdict(Tokens question, Tokens answer)> check;
};

struct SolveArguments {
  std::string model;                // empty: the one in the program
  std::vector<std::string> inputs;  // files, "-" or puzzles; with the model first where `model` is empty
  StepOptions steps;
  TrajectoryOptions trajectories;
  std::size_t tries = 0;  // 0: the kind's default
  std::string time_limit;
  bool board = false;
};
void add_solve_options(CLI::App& command, SolveArguments& options, const std::string& input_help);

// Takes the model away from the inputs where it is the first of them.
void separate_model(SolveArguments& options);

// Says that puzzles are read from the keyboard, and in what form, where that is so.
void note_keyboard(const SolveArguments& options, const CommonOptions& common, const std::string& form);

// Returns the exit code: 0 even where the model's answer is wrong (the verdict says so), 130 when interrupted.
int solve(const CommandSession& session, const PuzzleTask& task, const CommonOptions& common,
          const SolveArguments& arguments);

}  // namespace trm
