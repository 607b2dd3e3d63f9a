// trm: Tiny Recursive Models on ordinary CPUs. Parses the command line, runs one
// command, and turns every failure into one line on stderr and an exit code.

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/help/help.hpp"
#include "cli/help/suggestion.hpp"
#include "cli/system.hpp"
#include "cli/terminal.hpp"
#include "cli/version.hpp"
#include "io/text.hpp"

namespace {

constexpr const char* footer =
    "Examples:\n"
    "  trm convert step_10785 -o sudoku.gguf       a PyTorch checkpoint becomes a model file\n"
    "  trm sudoku puzzles.txt                      solve puzzles, one line each\n"
    "  trm eval sudoku.gguf test.csv --every-step  accuracy after every step\n"
    "  trm help COMMAND                            everything about one command\n"
    "\n"
    "Results go to stdout, everything else to stderr. Exit codes: 0 done; 1 the work could not be done;\n"
    "2 wrong usage; 3 a bad input file; 4 reading or writing failed; 130 interrupted, what was finished is kept.";

int fail(int code, std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');  // of libraries' texts
  trm::note("trm: " + message);
  return code;
}

// What the parser says, in the words of this program.
std::string parse_fault(const CLI::ParseError& error) {
  std::string text = error.what();
  const std::string conversion = "Could not convert: ";
  if (text.starts_with(conversion)) text = text.substr(conversion.size()) + ": this value cannot be read";
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string option = text.substr(0, text.find(':'));
    const bool missing = text.find("missing") != std::string::npos;
    text = option + (missing ? " needs a value" : " is given more than once");
  }
  return text;
}

const CLI::App& chosen_by(const CLI::App& app) {
  const CLI::App* command = &app;
  for (auto chosen = app.get_subcommands(); !chosen.empty(); chosen = command->get_subcommands()) {
    command = chosen.front();
  }
  return *command;
}

// Help and version are results (stdout, 0); anything else is one line and 2.
int answer_parse_error(const CLI::App& app, const CLI::ParseError& error, std::size_t arguments) {
  const trm::CommandDefinition program = trm::define(app);
  std::vector<std::string> words;
  for (const CLI::App* at = &chosen_by(app); at->get_parent() != nullptr; at = at->get_parent()) {
    words.insert(words.begin(), at->get_name());
  }
  const trm::CommandDefinition& command = trm::find_command(program, words);
  if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr) {
    trm::print(trm::version_text());
    return trm::exit_done;
  }
  if (dynamic_cast<const CLI::CallForHelp*>(&error) != nullptr) {
    trm::print(trm::help_text(command, trm::help_width()));
    return trm::exit_done;
  }
  const auto left = app.remaining(true);
  const auto unknown = std::ranges::find_if(left, [](const std::string& word) { return word.starts_with('-'); });
  if (unknown != left.end()) return fail(trm::exit_usage, trm::unknown_option(program, command, *unknown));
  if (!command.commands.empty() && !left.empty()) {
    return fail(trm::exit_usage, trm::unknown_command(command, left.front()));
  }
  if (!command.commands.empty() && arguments == words.size()) {  // nothing was asked for
    const std::string help = trm::help_text(command, trm::help_width());
    for (const std::string_view line : trm::split_lines(help)) trm::note(line);
    return trm::exit_usage;
  }
  const std::string fault = left.empty() ? parse_fault(error) : "'" + left.front() + "' is one argument too many";
  std::string place;
  for (const std::string& word : words) place += (place.empty() ? "" : " ") + word;
  return fail(trm::exit_usage,
              place + ": " + fault + (fault.ends_with('?') ? " '" : "; '") + command.name + " --help' explains");
}

int run_program(int argc, char** argv) {
  CLI::App app{"trm runs Tiny Recursive Models on ordinary CPUs.", "trm"};
  app.allow_windows_style_options(false);  // "/folder/file" is a path there, too
  trm::Program program;
  trm::add_common_options(app, program.common);
  app.require_subcommand(1);
  app.footer(footer);
  trm::add_sudoku(app, program);
  trm::add_maze(app, program);
  trm::add_arc(app, program);
  trm::add_vote(app, program);
  trm::add_convert(app, program);
  trm::add_quantize(app, program);
  trm::add_info(app, program);
  trm::add_eval(app, program);
  trm::add_run(app, program);
  trm::add_study(app, program);
  trm::add_bench(app, program);
  trm::add_identifiers(app, program);
  trm::add_about(app, program);
  for (CLI::App* command : app.get_subcommands({})) {
    trm::add_common_options(*command, program.common);
    for (CLI::App* part : command->get_subcommands({})) trm::add_common_options(*part, program.common);
  }
  std::size_t given = 0;
  try {
    std::vector<std::string> arguments = trm::prepared(app, trm::system::arguments(argc, argv));
    given = arguments.size();
    std::ranges::reverse(arguments);  // as CLI11 wants them
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return answer_parse_error(app, error, given);
  }
  return program.action();
}

}  // namespace

int main(int argc, char** argv) {
  trm::prepare_standard_streams();
  try {
    return run_program(argc, argv);
  } catch (const trm::Error& error) {
    return fail(trm::exit_code(error.kind()), trm::message(error));
  } catch (const std::bad_alloc&) {
    return fail(trm::exit_work, "not enough memory");
  } catch (const std::exception& error) {
    return fail(trm::exit_work, error.what());
  }
}
