#pragma once
// How the commands of `trm` are put together. A command is one file with one
// function `void add_<name>(CLI::App&, Program&)`: it names its options, explains
// them, and leaves an action behind that main runs once the whole line is parsed.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace trm {

// Exit codes beyond those of ErrorKind (runtime/error.hpp).
inline constexpr int exit_done = 0;
inline constexpr int exit_interrupted = 130;

// Options every command takes.
struct CommonOptions {
  int threads = 0;         // 0: all this process may use
  std::string isa;         // kernel set by name; empty: the fastest this CPU has
  bool quiet = false;      // no progress, verdicts or summary on stderr; errors stay
  bool json = false;       // machine-readable results on stdout
  std::uint64_t seed = 0;  // for commands that draw random numbers
};

struct Program {
  CommonOptions common;
  std::function<int()> action;  // returns the exit code; may throw Error
};

void add_common_options(CLI::App& app, CommonOptions& common);

// Threads to use: those asked for, or all that this process may use.
[[nodiscard]] int threads_of(const CommonOptions& common);

// A subcommand with its help and its examples in place; main adds the common options.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& examples);

// What `command` does when it is the one that was asked for.
template <class Options>
void set_action(CLI::App* command, Program& program, std::shared_ptr<Options> options,
                int (*action)(const CommonOptions&, const Options&)) {
  command->callback([&program, options, action] {
    program.action = [&program, options, action] { return action(program.common, *options); };
  });
}

void add_arc(CLI::App& app, Program& program);
void add_bench(CLI::App& app, Program& program);
void add_convert(CLI::App& app, Program& program);
void add_eval(CLI::App& app, Program& program);
void add_identifiers(CLI::App& app, Program& program);
void add_info(CLI::App& app, Program& program);
void add_maze(CLI::App& app, Program& program);
void add_quantize(CLI::App& app, Program& program);
void add_run(CLI::App& app, Program& program);
void add_study(CLI::App& app, Program& program);
void add_sudoku(CLI::App& app, Program& program);
void add_vote(CLI::App& app, Program& program);

}  // namespace trm
