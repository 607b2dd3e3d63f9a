// trm: Tiny Recursive Models on ordinary CPUs. Parses the command line, runs one
// command, and turns every failure into one line on stderr and an exit code.

#include <algorithm>
#include <exception>
#include <new>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/terminal.hpp"

namespace {

constexpr const char* footer =
    "Examples:\n"
    "  trm convert step_10785 -o sudoku.gguf       a PyTorch checkpoint becomes a model file\n"
    "  trm sudoku puzzles.txt                      solve puzzles, one line each\n"
    "  trm eval sudoku.gguf test.csv --every-step  accuracy after every step\n"
    "  trm COMMAND --help                          everything about one command\n"
    "\n"
    "Results go to stdout, everything else to stderr. Exit codes: 0 done; 1 the work could not be done;\n"
    "2 wrong usage; 3 a bad input file; 4 reading or writing failed; 130 interrupted, what was finished is kept.";

int fail(int code, std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');  // of libraries' texts
  trm::note("trm: " + message);
  return code;
}

// Help and version are results (stdout, 0); anything else is one line and 2.
int answer_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    std::ostringstream out;
    std::ostringstream ignored;
    app.exit(error, out, ignored);
    trm::print(out.str());
    return trm::exit_done;
  }
  if (app.get_subcommands().empty() && app.remaining_size() > 0) {
    return fail(trm::exit_usage, "'" + app.remaining().front() + "' is no command or option; 'trm --help' lists them");
  }
  std::string command;
  for (auto chosen = app.get_subcommands(); !chosen.empty(); chosen = chosen.front()->get_subcommands()) {
    command += chosen.front()->get_name() + ' ';
  }
  const std::string place = command.empty() ? "" : command.substr(0, command.size() - 1) + ": ";
  return fail(trm::exit_usage, place + error.what() + "; 'trm " + command + "--help' explains");
}

int run_program(int argc, char** argv) {
  CLI::App app{"trm runs Tiny Recursive Models on ordinary CPUs.", "trm"};
  trm::Program program;
  app.get_formatter()->column_width(32);
  trm::add_common_options(app, program.common);
  app.require_subcommand(1);
  app.footer(footer);
  trm::add_bench(app, program);
  trm::add_convert(app, program);
  trm::add_info(app, program);
  trm::add_sudoku(app, program);
  trm::add_maze(app, program);
  trm::add_arc(app, program);
  trm::add_vote(app, program);
  trm::add_identifiers(app, program);
  trm::add_quantize(app, program);
  trm::add_eval(app, program);
  trm::add_study(app, program);
  trm::add_run(app, program);
  for (CLI::App* command : app.get_subcommands({})) {
    trm::add_common_options(*command, program.common);
    for (CLI::App* part : command->get_subcommands({})) trm::add_common_options(*part, program.common);
  }
  try {
    std::vector<std::string> arguments = trm::model_first(app, {argv + 1, argv + argc});
    std::ranges::reverse(arguments);  // as CLI11 wants them
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return answer_parse_error(app, error);
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
