// Usage, exit codes, and what happens when files or streams fail.

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_usage_test {
namespace {

const std::string question = ".3.8.6..1.6..147.594..5...3.76...139..9...27...49.765.1.....5.64...239..6..5.13.2\n";

}  // namespace

TEST_CASE("wrong usage is one line and exit code 2") {
  const std::vector<std::vector<std::string>> wrong = {
      {"bogus"},
      {"--nonsense"},
      {"sudoku", "a", "--nonsense"},
      {"sudoku", "a", "--steps", "many"},
      {"sudoku", "a", "--steps", "0"},
      {"sudoku", "a", "--steps", "-3"},
      {"sudoku", "a", "--steps"},
      {"sudoku", "a", "--steps", "99999999999999999999"},
      {"sudoku", "a", "--steps", "4", "--steps", "8"},
      {"sudoku", "a", "--threads", "-1"},
      {"sudoku", "a", "--isa"},
      {"sudoku", "a", "--seed", "-1"},
      {"sudoku", "a", "--seed", "18446744073709551616"},
      {"sudoku", "a", "--seed", "1e3"},
      {"sudoku", sudoku_model(), "--isa", "abacus"},
      {"sudoku", "a", "--samples", "4"},
      {"sudoku", "a", "--samples", "4", "--noise", "0"},
      {"sudoku", "a", "--samples", "0", "--noise", "0.1"},
      {"sudoku", "a", "--samples", "4", "--noise", "0.1", "--every-step"},
      {"sudoku", "a", "--noise", "-1"},
      {"sudoku", "a", "--noise", "nan"},
      {"sudoku", "a", "--noise", "0.1", "--noise-latent", "middle"},
      {"sudoku", "a", "--noise", "0.1", "--best", "luck"},
      {"sudoku", "a", "--noise-latent", "low"},
      {"maze", "a", "--samples", "4"},
      {"eval", sudoku_model(), "b", "--samples", "4"},
      {"eval", "a"},
      {"eval", "a", "b", "--limit", "0"},
      {"run", "a", "--out", "b"},
      {"run", "a", "--inputs", "b"},
  };
  for (const auto& arguments : wrong) {
    CAPTURE(arguments);
    only_error(run_program(arguments, question), 2);
  }
  CHECK(only_error(run_program({"bogus"}), 2).find("'bogus'") != std::string::npos);
  CHECK(only_error(run_program({"eval"}), 2).starts_with("trm: eval: MODEL is required"));
  CHECK(only_error(run_program({"sudoku", sudoku_model(), "--isa", "abacus"}), 2).find("portable") !=
        std::string::npos);
}

TEST_CASE("help and version are results") {
  for (const std::string command : {"", "sudoku", "maze", "eval", "run"}) {
    std::vector<std::string> arguments{"--help"};
    if (!command.empty()) arguments.insert(arguments.begin(), command);
    const Outcome outcome = run_program(arguments);
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK(outcome.out.find("Usage: trm") != std::string::npos);
    CHECK(outcome.out.find("Examples:\n  trm ") != std::string::npos);
    CHECK(outcome.out.find("--threads N") != std::string::npos);
  }
  CHECK(run_program({"--version"}).out.starts_with("trm 0."));
  CHECK(run_program({"eval", "--version"}).out == run_program({"--version"}).out);
}

TEST_CASE("a bad model file is named") {
  const TemporaryDirectory folder;
  const std::string empty = (folder / "empty.gguf").string();
  const std::string text = (folder / "text.gguf").string();
  const std::string cut = (folder / "cut.gguf").string();
  write_text(empty, "");
  write_text(text, question);
  write_text(cut, read_file(sudoku_model()).substr(0, 500000));
  CHECK(only_error(run_program({"sudoku", empty}, question), 3).starts_with("trm: " + empty + ": "));
  CHECK(only_error(run_program({"sudoku", text}, question), 3).starts_with("trm: " + text + ": "));
  CHECK(only_error(run_program({"sudoku", cut}, question), 3).starts_with("trm: " + cut + ": "));
  only_error(run_program({"sudoku", folder.path().string()}, question), 4);
  only_error(run_program({"sudoku", (folder / "missing.gguf").string()}, question), 4);
}

TEST_CASE("a bad puzzle file is named with the place in it") {
  const TemporaryDirectory folder;
  const std::string path = (folder / "p.txt").string();
  write_text(path, question + question.substr(1));
  CHECK(only_error(run_program({"sudoku", sudoku_model(), path}), 3) ==
        "trm: " + path + ": line 2, column 80: the line has 80 cells; 81 (a whole puzzle) or 9 (a row) are needed\n");
  write_text(path, read_file(sudoku_model()));
  CHECK(only_error(run_program({"sudoku", sudoku_model(), path}), 3)
            .starts_with("trm: " + path + ": line 1, column 1: "));
  write_text(path, "");
  CHECK(only_error(run_program({"sudoku", sudoku_model(), path}), 3).find("holds no puzzle") != std::string::npos);
  CHECK(only_error(run_program({"sudoku", sudoku_model()}), 3).starts_with("trm: standard input: holds no puzzle"));
  only_error(run_program({"sudoku", sudoku_model(), folder.path().string()}), 4);
  only_error(run_program({"sudoku", sudoku_model(), (folder / "missing").string()}), 4);
}

TEST_CASE("a stdout that takes nothing is exit code 4") {
  for (const std::string out : {"/dev/full", "-"}) {
    CAPTURE(out);
    only_error(run_program(Invocation{.arguments = {"--help"}, .out_to = out}), 4);
    const Outcome solved =
        run_program(Invocation{.arguments = {"sudoku", sudoku_model(), "--quiet"}, .input = question, .out_to = out});
    CHECK(only_error(solved, 4).find("stdout") != std::string::npos);
  }
}

TEST_CASE("Ctrl-C ends the run at its next step, keeps what is finished, and is exit code 130") {
  // The first puzzle is solved at once; the second has no solution, and the model never halts on it.
  const std::string impossible = "12345678." + std::string(35, '.') + "9" + std::string(36, '.') + "\n";
  const Outcome outcome = run_program(Invocation{
      .arguments = {"sudoku", sudoku_model(), "--steps", "1000000", "--halt"},
      .input = question + impossible,
      .interrupt_when = [](const Outcome& so_far) { return so_far.err.find("(line 1)") != std::string::npos; }});
  CHECK(outcome.code == 130);
  CHECK(outcome.err.find("trm: interrupted: ") != std::string::npos);
  CHECK(outcome.err.find("1 of 2 puzzles were not finished") != std::string::npos);
  CHECK(outcome.out.size() == question.size());  // one answer, a whole line
}

}  // namespace trm::cli_usage_test
