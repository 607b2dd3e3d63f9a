// What somebody meets who does not know the program yet: help on terminals of any width, guesses at what was meant,
// manual pages and completions. They come from the same definitions as the parser.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_help_test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The names in the section "Commands" of a help.
std::vector<std::string> commands_in(const std::string& help) {
  std::vector<std::string> names;
  bool inside = false;
  for (const std::string& line : lines_of(help)) {
    if (line.empty()) inside = false;
    if (inside && line.starts_with("  ") && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    if (line == "Commands:") inside = true;
  }
  return names;
}

// The words of every command, "study" and "noise".
std::vector<std::vector<std::string>> all_commands() {
  std::vector<std::vector<std::string>> commands;
  for (const std::string& name : commands_in(run_program({"help"}).out)) {
    commands.push_back({name});
    for (const std::string& part : commands_in(run_program({"help", name}).out)) commands.push_back({name, part});
  }
  return commands;
}

std::vector<std::string> with(const std::string& first, std::vector<std::string> words) {
  words.insert(words.begin(), first);
  return words;
}

// Runs a line of bash that reads the completion script.
std::string completed(const std::string& words) {
  const TemporaryDirectory folder;
  write_text(folder / "script", run_program({"completion", "bash"}).out);
  const std::string command = "bash --norc -c 'source " + (folder / "script").string() + "; COMP_WORDS=(" + words +
                              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _trm; echo \"${COMPREPLY[@]}\"' > " +
                              (folder / "out").string();
  REQUIRE(std::system(command.c_str()) == 0);
  return read_file(folder / "out");
}

}  // namespace

TEST_CASE("Help fits the terminal, and shows nothing of the library that reads the command line") {
  auto commands = all_commands();
  CHECK(commands.size() > 20);
  commands.emplace_back();
  for (const auto& words : commands) {
    for (const unsigned short columns : std::array<unsigned short, 3>{50, 80, 200}) {
      CAPTURE(words, columns);
      const Outcome outcome = run_program(Invocation{.arguments = with("help", words), .terminal = columns});
      CHECK(outcome.code == 0);
      CHECK(outcome.out.find("Usage: trm") != std::string::npos);
      for (const std::string& line : lines_of(outcome.out)) {
        const bool one_word = line.find(' ', line.find_first_not_of(' ')) == std::string::npos;
        CHECK((line.size() <= std::min<std::size_t>(columns, 100) || one_word || line.ends_with(" \\")));
      }
      for (const char* internal :
           {"{", "->", "REQUIRED", "POSITIVE", " INT", " FLOAT", " TEXT", "922337203685477580"}) {
        CHECK(outcome.out.find(internal) == std::string::npos);
      }
    }
  }
}

TEST_CASE("help COMMAND and COMMAND --help are the same, and --threads is explained once") {
  for (auto words : all_commands()) {
    CAPTURE(words);
    const std::string help = run_program(with("help", words)).out;
    CHECK(help.find("Threads to use") == std::string::npos);
    CHECK(help.find("--threads N") != std::string::npos);
    words.emplace_back("--help");
    CHECK(run_program(words).out == help);
  }
  CHECK(run_program({"help"}).out.find("Threads to use") != std::string::npos);
  CHECK(run_program({"help", "study"}).out.find("Commands:\n") != std::string::npos);
  CHECK(only_error(run_program({"help", "sudoko"}), 2) ==
        "trm: 'sudoko' is no command of trm; did you mean 'sudoku'?\n");
}

TEST_CASE("A program or group without a command shows its overview, as wrong usage") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{}, {"study"}}) {
    const Outcome outcome = run_program(words);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err == run_program(with("help", words)).out);
  }
}

TEST_CASE("The version says what was built, by any of its names") {
  const std::string version = run_program({"version"}).out;
  CHECK(version.starts_with("trm 0."));
  CHECK(version.find("\ncompiler ") != std::string::npos);
  CHECK(version.find("portable") != std::string::npos);
  for (const std::string name : {"-V", "--version"}) CHECK(run_program({name}).out == version);
}

TEST_CASE("A word that is near a right one is answered with it") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> guesses = {
      {{"sudoko"}, "did you mean 'sudoku'?"},
      {{"vot"}, "did you mean 'vote'?"},
      {{"study", "setps"}, "did you mean 'steps'?"},
      {{"arc", "m", "--challanges", "c"}, "did you mean '--challenges'?"},
      {{"sudoku", "p", "--trys=3"}, "did you mean '--tries'?"},
      {{"arc", "m", "--challenges", "c", "-o", "s", "--sol", "x"}, "did you mean '--solutions'?"},
      {{"arc", "m", "--tries", "3"}, "'trm sudoku' has it"},
      {{"--jsn", "sudoku"}, "did you mean '--json'?"},
      {{"quantize", "m", "-o", "n", "--type", "int"}, "'int' is none of f16|int8|q4_0; did you mean 'int8'?"},
      {{"bench", "stepp", "m"}, "did you mean 'step'?"},
  };
  for (const auto& [arguments, guess] : guesses) {
    CAPTURE(arguments, guess);
    CHECK(only_error(run_program(arguments), 2).find(guess) != std::string::npos);
  }
  CHECK(only_error(run_program({"xyzzy"}), 2) == "trm: 'xyzzy' is no command of trm; 'trm --help' lists them\n");
}

TEST_CASE("The value of --halt may follow behind a space") {
  const std::string puzzle = ".3.8.6..1.6..147.594..5...3.76...139..9...27...49.765.1.....5.64...239..6..5.13.2";
  const auto steps = [&](std::vector<std::string> halt) {
    halt.insert(halt.begin(), {"sudoku", puzzle, "--tries", "1", "--json", "--quiet"});
    const Outcome outcome = run_program(halt);
    CHECK(outcome.code == 0);
    return outcome.out.substr(outcome.out.find("\"steps\""));
  };
  CHECK(steps({"--halt", "3"}) == steps({"--halt=3"}));
  CHECK(steps({"--halt", "3"}) != steps({"--halt", "30"}));
  CHECK(run_program({"sudoku", "--halt", puzzle, "--quiet"}).code == 0);  // a puzzle is no margin
}

TEST_CASE("Every command has a manual page that roff reads without a warning") {
  const bool groff = std::system("groff --version > /dev/null 2>&1") == 0;
  auto commands = all_commands();
  commands.emplace_back();
  for (const auto& words : commands) {
    CAPTURE(words);
    const std::string page = run_program(with("manual", words)).out;
    CHECK(page.starts_with(".TH TRM"));
    CHECK(page.find("\n.SH NAME\ntrm") != std::string::npos);
    if (!groff) continue;
    const TemporaryDirectory folder;
    write_text(folder / "page", page);
    const std::string read = "groff -man -Tascii -ww " + (folder / "page").string() + " > /dev/null 2> ";
    CHECK(std::system((read + (folder / "warnings").string()).c_str()) == 0);
    CHECK(read_file(folder / "warnings").empty());
  }
}

TEST_CASE("bash completes commands, options and alternatives, and leaves files to itself") {
  CHECK(completed("trm su") == "sudoku\n");
  CHECK(completed("trm study ide") == "identity\n");
  CHECK(completed("trm arc --chal") == "--challenges\n");
  CHECK(completed("trm quantize m --type \"\"") == "f16 int8 q4_0\n");
  CHECK(completed("trm bench st") == "step\n");
  CHECK(completed("trm arc m --challenges \"\"") == "\n");
  CHECK(completed("trm completion \"\"") == "bash zsh fish\n");
}

TEST_CASE("The scripts for zsh and fish name every command and option") {
  for (const std::string shell : {"zsh", "fish"}) {
    const std::string script = run_program({"completion", shell}).out;
    for (const char* name :
         {"sudoku", "identity", "until-decided", "exact probable", "f32 f16 int8 q4_0", "_trm", "halt"}) {
      CAPTURE(shell, name);
      if (std::string_view(name) != "_trm" || shell == "zsh") CHECK(script.find(name) != std::string::npos);
    }
  }
}

// Runs `line` in a new folder that holds the completion script of `shell`, and a file st.txt.
std::string said_by(const std::string& shell, const std::string& line) {
  const TemporaryDirectory folder;
  write_text(folder / "_trm", run_program({"completion", shell}).out);
  write_text(folder / "st.txt", "");
  write_text(folder / "line", line);
  const std::string command = "cd " + folder.path().string() + " && " + shell + " line > out 2> /dev/null";
  REQUIRE(std::system(command.c_str()) == 0);
  return read_file(folder / "out");
}

bool is_here(const std::string& shell) {
  if (std::system(("command -v " + shell + " > /dev/null").c_str()) == 0) return true;
  WARN("skipped: " << shell << " is not installed");
  return false;
}

TEST_CASE("fish completes commands, options and values") {
  if (!is_here("fish")) return;
  const auto offered = [](const std::string& words) {
    return said_by("fish", "source _trm; complete -C '" + words + "' | string replace -r '\\t.*' ''; true");
  };
  CHECK(offered("trm sud") == "sudoku\n");
  CHECK(offered("trm study ide") == "identity\n");
  CHECK(offered("trm arc --chal") == "--challenges\n");
  CHECK(offered("trm quantize m --type ") == "f16\nint8\nq4_0\n");
  CHECK(offered("trm quantize st") == "st.txt\n");
  CHECK(offered("trm sudoku --steps ").empty());
}

// In a terminal of its own, since completion works nowhere else. A tab writes the line that it leaves into `completed`.
TEST_CASE("zsh completes commands, options and values") {
  if (!is_here("zsh")) return;
  const auto completed = [](const std::string& words) {
    return said_by("zsh", R"(zmodload zsh/zpty
print -r -- 'PROMPT= RPROMPT=
fpath=($PWD $fpath); autoload -U compinit; compinit -u -D
tab() { zle complete-word; print -r -- "$BUFFER" > completed; exit }
zle -N tab; bindkey "^I" tab; print ready' > rc
zpty shell "zsh -f -i"
zpty -w shell "source ./rc"
zpty -r -m shell out "*ready*"
zpty -w -n shell ")" + words + R"("$'\t'
while zpty -r shell out; do :; done
cat completed
)");
  };
  CHECK(completed("trm sud") == "trm sudoku \n");
  CHECK(completed("trm study ide") == "trm study identity \n");
  CHECK(completed("trm arc --chal") == "trm arc --challenges \n");
  CHECK(completed("trm quantize m --type i") == "trm quantize m --type int8 \n");
  CHECK(completed("trm quantize st") == "trm quantize st.txt \n");
}

}  // namespace trm::cli_help_test
