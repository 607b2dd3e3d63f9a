#include "cli/solve_report.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

using nlohmann::ordered_json;

constexpr auto frame_time = std::chrono::milliseconds(120);  // a drawn step stays for this long at least
constexpr std::size_t most_faults = 3;                       // in a line of text

std::string join(const std::vector<std::string>& faults) {
  std::string text;
  for (std::size_t i = 0; i < std::min(faults.size(), most_faults); ++i) text += (i == 0 ? "" : "; ") + faults[i];
  if (faults.size() > most_faults) text += "; and " + std::to_string(faults.size() - most_faults) + " more";
  return text;
}

std::string steps_text(const Solution& solution) {
  return (solution.halted ? "halted after " : "") + plural(static_cast<std::size_t>(solution.steps), "step");
}

// "step 3", "try 2, step 3".
std::string step_name(std::size_t attempt, std::int64_t step) {
  return (attempt > 1 ? "try " + std::to_string(attempt) + ", step " : "step ") + std::to_string(step);
}

std::size_t changed_cells(Tokens before, Tokens now) {
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] != now[i] ? 1 : 0;
  return changed;
}

// "step 3: 12 cells changed, q_halt -2.13".
std::string frame_caption(const std::vector<Frame>& frames, std::size_t index) {
  const Frame& now = frames[index];
  const std::string name = step_name(now.attempt, now.step);
  const std::string q_halt = "q_halt " + fixed(now.q_halt, 2);
  if (index == 0) return name + ": " + q_halt;
  const std::size_t changed = changed_cells(frames[index - 1].answer, now.answer);
  return name + ": " + plural(changed, "cell") + " changed, " + q_halt;
}

ordered_json to_json(const PuzzleTask& task, std::size_t puzzle, const Answered& answered, const Verdict& verdict,
                     const SolveArguments& options) {
  const Solution& solution = answered.solution;
  ordered_json object{{"puzzle", puzzle + 1},
                      {"line", answered.puzzle.line},
                      {"question", task.one_line(answered.puzzle.question)},
                      {"answer", task.one_line(solution.answer)},
                      {"solved", verdict.faults.empty()},
                      {"faults", verdict.faults},
                      {"steps", solution.steps},
                      {"try", solution.attempt},
                      {"tries", solution.tries},
                      {"halted", solution.halted},
                      {"q_halt", solution.q_halt}};
  if (!verdict.remark.empty()) object["remark"] = verdict.remark;
  if (options.trajectories.samples > 1) {
    object["trajectory"] = answered.trajectory;
    object["agreeing"] = answered.agreeing;
  }
  if (!options.steps.every_step) return object;
  object["every_step"] = ordered_json::array();
  for (const Frame& frame : answered.frames) {
    object["every_step"].push_back({{"try", frame.attempt},
                                    {"step", frame.step},
                                    {"answer", task.one_line(frame.answer)},
                                    {"solved", task.kind.faults(answered.puzzle.question, frame.answer) == 0},
                                    {"q_halt", frame.q_halt}});
  }
  return object;
}

}  // namespace

std::string summary_text(const SolveCounts& counts, const std::string& noun, std::size_t tries) {
  const std::string text = "solved " + std::to_string(counts.solved) + " of " + plural(counts.shown, noun);
  if (tries == 1) return text + " in";
  return text + " (" + std::to_string(counts.at_first_try) + " at the first try), at most " + std::to_string(tries) +
         " tries, in";
}

SolvePrinter::SolvePrinter(const PuzzleTask& task, const CommonOptions& common, const SolveArguments& options,
                           std::size_t tries)
    : task_(task),
      options_(options),
      tries_(tries),
      json_(common.json),
      quiet_(common.quiet),
      board_(options.board || (stdout_is_terminal() && !common.json)),
      colour_(stdout_has_colour()),
      watching_(options.steps.every_step && stdout_is_terminal() && !common.json) {}

void SolvePrinter::show(std::size_t puzzle, const Answered& answered) {
  const Verdict verdict = task_.check(answered.puzzle.question, answered.solution.answer);
  counts_.shown += 1;
  counts_.solved += verdict.faults.empty() ? 1 : 0;
  counts_.at_first_try += verdict.faults.empty() && answered.solution.attempt == 1 ? 1 : 0;
  if (json_) {
    print(json_line(to_json(task_, puzzle, answered, verdict, options_)));
  } else if (watching_) {
    lines_drawn_ = 0;  // the last board stays
  } else if (options_.steps.every_step) {
    for (std::size_t i = 0; i < answered.frames.size(); ++i) show_frame(answered, i);
  } else {
    print(answer_text(answered.puzzle.question, answered.solution.answer));
  }
  if (!quiet_) note(verdict_text(puzzle, answered, verdict));
}

std::string SolvePrinter::answer_text(Tokens question, Tokens answer) const {
  return board_ ? task_.board(question, answer, {}, colour_) : task_.text(answer);
}

// A one-line answer with its caption behind, a taller one with its caption above.
void SolvePrinter::show_frame(const Answered& answered, std::size_t frame) const {
  std::string text = answer_text(answered.puzzle.question, answered.frames[frame].answer);
  const std::string caption = frame_caption(answered.frames, frame);
  if (text.find('\n') + 1 == text.size()) {
    text.pop_back();
    print(text + "  " + caption + '\n');
  } else {
    print(caption + '\n' + text);
  }
}

void SolvePrinter::draw(std::size_t puzzle, Tokens question, const SolveStep& step) {
  const bool first = lines_drawn_ == 0;
  std::string text = task_.noun + ' ' + std::to_string(puzzle + 1) + ", try " + std::to_string(step.attempt) +
                     ", step " + std::to_string(step.step) + ": ";
  text += step.faults == 0 ? "solved" : plural(step.faults, "fault");
  text += "; the halting head says " + fixed(step.q_halt, 1) + (step.q_halt > 0 ? " (done)" : " (not done)") + '\n';
  text += task_.board(question, step.answer, first ? Tokens{} : Tokens(drawn_), colour_);
  std::string over;
  if (!first) over = "\033[" + std::to_string(lines_drawn_) + "F";  // up to the caption
  for (const char c : text) over += c == '\n' ? "\033[K\n" : std::string(1, c);
  print(over);
  lines_drawn_ = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  drawn_.assign(step.answer.begin(), step.answer.end());
  std::this_thread::sleep_for(frame_time);
}

std::string SolvePrinter::verdict_text(std::size_t puzzle, const Answered& answered, const Verdict& verdict) const {
  const Solution& solution = answered.solution;
  const bool solved = verdict.faults.empty();
  std::string text =
      task_.noun + ' ' + std::to_string(puzzle + 1) + " (line " + std::to_string(answered.puzzle.line) + "): ";
  if (solution.attempt == 0) return text + "not tried: " + verdict.faults.front();
  text += solved ? "solved" : "not solved: " + join(verdict.faults);
  if (!verdict.remark.empty()) text += ", " + verdict.remark;
  text += " (";
  if (solution.tries > 1) {
    text += solved ? "try " + std::to_string(solution.tries) + ", " : std::to_string(solution.tries) + " tries, ";
  }
  text += steps_text(solution);
  if (options_.trajectories.samples > 1) {
    text +=
        "; " + std::to_string(answered.agreeing) + " of " + std::to_string(options_.trajectories.samples) + " agree";
  } else if (!solved && !verdict.unsolvable) {
    text += "; --tries " + std::to_string(std::max<std::size_t>(task_.kind.tries, 4 * tries_)) + " may solve it";
  }
  return text + ")";
}

}  // namespace trm
