// What a terminal and a pipe see of a run.

#include <sys/wait.h>
#include <unistd.h>

#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "io/text.hpp"
#include "runtime/cpu.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace trm::cli_terminal_test {

TEST_CASE("A line of progress fits a terminal of any width, and says the most important first") {
  const ProgressState state{
      .done = 300, .total = 1000, .noun = "samples", .remark = "300 votes on 40 of 40 tasks", .seconds = 30};
  const std::string whole = progress_text(state, 200);
  CHECK(whole.starts_with("300 of 1000 samples, "));
  CHECK(whole.ends_with(" left; 300 votes on 40 of 40 tasks"));
  for (std::size_t width = 1; width < 100; ++width) CHECK(progress_text(state, width).size() <= width);
  CHECK(progress_text(state, 60).find("left") != std::string::npos);
  CHECK(progress_text(state, 30).starts_with("300 of 1000, "));
}

TEST_CASE("A run in a narrow terminal leaves no line behind that is wider") {
  const Outcome outcome = run_program(Invocation{
      .arguments = {"eval", sudoku_model(), std::string(TRM_TEST_DATA) + "/sudoku/test_hard_100.csv", "--steps", "4"},
      .terminal = 40});
  CHECK(outcome.code == 0);
  std::size_t column = 0;
  for (std::size_t i = 0; i < outcome.out.size() && outcome.out.find("left") != std::string::npos; ++i) {
    if (outcome.out.compare(i, 4, "left") == 0) CHECK(column < 40);
    column = outcome.out[i] == '\r' || outcome.out[i] == '\n' ? 0 : column + 1;
  }
}

TEST_CASE("A heading stands over the right edge of its numbers") {
  CHECK(table_text({{"step", "exact"}, {"1", "87.4 % \u00b1 2.1"}, {"16", "9 %"}}) ==
        " step         exact\n    1  87.4 % \u00b1 2.1\n   16           9 %\n");
  CHECK(share_text(0.5, {0.25, 0.75}, false) == "50.0 % \u00b1 25.0");
  CHECK(share_text(0.5, {0.25, 0.75}, true) == "50.00 % (25.00 % to 75.00 %)");
}

TEST_CASE("The tables of the studies fit 80 columns") {
  const std::string csv = std::string(TRM_TEST_DATA) + "/sudoku/test_hard_100.csv";
  const std::vector<std::vector<std::string>> studies = {
      {"study", "steps", sudoku_model(), csv, "--limit", "2", "--steps", "2"},
      {"study", "noise", sudoku_model(), csv, "--limit", "2", "--steps", "2", "--noise", "0.1", "--samples", "2"},
      {"study", "tries", sudoku_model(), csv, "--limit", "2", "--tries", "2", "--try-steps", "2"},
      {"study", "votes", std::string(TRM_TEST_DATA) + "/voting", "--resamples", "3"}};
  for (std::vector<std::string> arguments : studies) {
    const Outcome outcome = run_program(arguments);
    CAPTURE(arguments);
    CHECK(outcome.code == 0);
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) CHECK(characters(line).size() <= 80);
    CHECK(outcome.out.find("\u00b1") != std::string::npos);
    arguments.emplace_back("--wide");
    CHECK(run_program(arguments).out.find("% to ") != std::string::npos);
  }
}

TEST_CASE("A plot is SVG, and says so before the work") {
  const std::vector<std::string> arguments = {"study", "steps", sudoku_model(), "data.csv", "--plot", "steps.png"};
  CHECK(only_error(run_program(arguments), 2).find("give a name such as steps.svg") != std::string::npos);
}

TEST_CASE("A reader that leaves ends the program without a word, by the usual signal") {
  const TemporaryDirectory folder;
  const std::string err = (folder / "err").string(), status = (folder / "status").string();
  // More text than a pipe holds, and nobody at its other end.
  const std::string loop = "{ i=0; while [ $i -lt 3000 ]; do echo " + std::string(81, '.') + "; i=$((i+1)); done; } | ";
  const std::string command = "bash -c '" + loop + program_path() + " sudoku --tries 1 --steps 1 --quiet - 2> " + err +
                              " | true; echo ${PIPESTATUS[1]} > " + status + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  CHECK(read_file(status) == "141\n");
  CHECK(read_file(err).empty());
}

// Where the thread that writes blocks signals, as a session's own do.
TEST_CASE("A reader that leaves ends the program whichever thread writes") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    prepare_standard_streams();
    ::dup2(ends[1], STDOUT_FILENO);
    for (const int end : ends) ::close(end);
    std::thread([] {
      const SignalsBlocked blocked;
      print("nobody reads this");
    }).join();
    ::_exit(0);
  }
  for (const int end : ends) ::close(end);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGPIPE);
}

TEST_CASE("A run whose stderr nobody reads goes on") {
  const TemporaryDirectory folder;
  const std::string out = (folder / "out").string();
  const std::string command = std::string("bash -c '") + program_path() + " sudoku " + std::string(81, '.') +
                              " --tries 1 --steps 1 2>&1 > " + out + " | true'";
  REQUIRE(std::system(command.c_str()) == 0);
  CHECK(read_file(out).size() == 82);
}

}  // namespace trm::cli_terminal_test
