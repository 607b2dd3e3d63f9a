#pragma once
// What trm sudoku and trm maze say of a puzzle: text and boards for people, JSON for programs.

#include <string>
#include <vector>

#include "cli/solve.hpp"

namespace trm {

// The answer after one step.
struct Frame {
  std::size_t attempt = 1;
  std::int64_t step = 0;
  std::vector<std::int32_t> answer;
  float q_halt = 0;
};

struct Answered {
  ReadPuzzle puzzle;
  Solution solution;
  std::vector<Frame> frames;   // with --every-step
  std::size_t trajectory = 0;  // with --samples: the one that was chosen, and how many have its answer
  std::size_t agreeing = 0;
};

// Counts what was shown.
struct SolveCounts {
  std::size_t shown = 0;
  std::size_t solved = 0;
  std::size_t at_first_try = 0;
};

// "solved 1189 of 1465 puzzles (543 at the first try), at most 16 tries, in".
[[nodiscard]] std::string summary_text(const SolveCounts& counts, const std::string& noun, std::size_t tries);

// Answers on stdout, verdicts on stderr. Used by one thread at a time.
class SolvePrinter {
 public:
  // `tries`: that a puzzle may have.
  SolvePrinter(const PuzzleTask& task, const CommonOptions& common, const SolveArguments& options, std::size_t tries);

  void show(std::size_t puzzle, const Answered& answered);
  [[nodiscard]] const SolveCounts& counts() const { return counts_; }

  // Is every step drawn over the one before, on a terminal? Then draw() shows each as it comes.
  [[nodiscard]] bool watching() const { return watching_; }
  void draw(std::size_t puzzle, Tokens question, const SolveStep& step);

 private:
  [[nodiscard]] std::string answer_text(Tokens question, Tokens answer) const;
  void show_frame(const Answered& answered, std::size_t frame) const;
  [[nodiscard]] std::string verdict_text(std::size_t puzzle, const Answered& answered, const Verdict& verdict) const;

  const PuzzleTask& task_;
  const SolveArguments& options_;
  const std::size_t tries_;
  const bool json_;
  const bool quiet_;
  const bool board_;
  const bool colour_;
  const bool watching_;
  SolveCounts counts_{};
  std::vector<std::int32_t> drawn_{};  // the answer on the board that is watched
  std::size_t lines_drawn_ = 0;        // of that board, with its caption; 0: none
};

}  // namespace trm
