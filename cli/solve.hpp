#pragma once
// Solving puzzles of whatever kind: runs the model on all of them and shows each
// answer with its verdict, in the order of the file.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/trajectories.hpp"

namespace trm {

using Tokens = std::span<const std::int32_t>;  // [S], a model's prediction

struct Verdict {
  std::vector<std::string> faults;  // empty: solved
  std::string remark;               // more about a solved one, or nothing
};

// A list of puzzles, as far as solving and showing them needs to know.
struct PuzzleTask {
  std::string noun;                                         // what one is called: "puzzle", "maze"
  std::vector<std::int32_t> inputs;                         // [N, S]
  std::vector<std::size_t> lines;                           // [N] where each starts in the file
  std::function<std::string(std::size_t puzzle)> question;  // one line
  std::function<std::string(Tokens answer)> one_line;       // the same of an answer
  std::function<std::string(Tokens answer)> text;           // as it goes to stdout, with its line ends
  std::function<std::string(std::size_t puzzle, Tokens answer, bool colour)> board;  // for people
  std::function<Verdict(std::size_t puzzle, Tokens answer)> check;
};

struct SolveOptions {
  std::string model;
  std::string file = "-";
  StepOptions steps;
  TrajectoryOptions trajectories;
  bool board = false;
};
void add_solve_options(CLI::App& command, SolveOptions& options, const std::string& file_help);

// Returns the exit code: 0 even where the model's answer is wrong (the verdict says so), 130 when interrupted.
int solve(const Session& session, const PuzzleTask& task, const CommonOptions& common, const SolveOptions& options);

}  // namespace trm
