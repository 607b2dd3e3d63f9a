#pragma once
// How the commands of `trm` are put together. A command is one file with one
// function `void add_<name>(CLI::App&, Program&)`: it names its options, explains
// them, and leaves an action behind that main runs once the whole line is parsed.
// CLI11 takes seconds to compile in every file that includes it, used or not: the rest includes common.hpp.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.hpp"
#include "cli/interrupt.hpp"

namespace trm {

// The group of the options that every command has.
inline constexpr const char* common_option_group = "Common options";
void add_common_options(CLI::App& app, CommonOptions& common);

// The option takes one of these names only; the help shows them as "low|high|both".
CLI::Option* choose_from(CLI::Option* option, const std::vector<std::string>& names);
// The same, where CLI11 reads the second of a pair instead of the name, such as the number of an enumerator.
using Choices = std::vector<std::pair<std::string, std::string>>;
CLI::Option* translate(CLI::Option* option, const Choices& choices);
template <class Enum>
CLI::Option* translate(CLI::Option* option, const std::vector<std::pair<std::string, Enum>>& enumerators) {
  Choices choices;
  for (const auto& [name, value] : enumerators) {
    choices.emplace_back(name, std::to_string(static_cast<std::int64_t>(value)));
  }
  return translate(option, choices);
}

// A subcommand with its help and its examples in place; main adds the common options.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& examples);

// What Ctrl-C does to a command.
enum class OnInterrupt : std::uint8_t {
  die,   // nothing would be kept
  stop,  // the command polls interrupted() and keeps what is finished
};

// What `command` does when it is the one that was asked for.
template <class Options>
void set_action(CLI::App* command, Program& program, std::shared_ptr<Options> options,
                int (*action)(const CommonOptions&, const Options&), OnInterrupt on_interrupt) {
  command->callback([&program, options, action, on_interrupt] {
    program.action = [&program, options, action, on_interrupt] {
      if (on_interrupt == OnInterrupt::stop) watch_for_interrupt();
      return action(program.common, *options);
    };
  });
}

void add_about(CLI::App& app, Program& program);
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
