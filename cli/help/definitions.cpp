#include "cli/help/definitions.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/help/suggestion.hpp"

namespace trm {
namespace {

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

OptionDefinition define(const CLI::Option& option) {
  OptionDefinition definition;
  for (const std::string& name : option.get_snames()) definition.names.push_back('-' + name);
  for (const std::string& name : option.get_lnames()) definition.names.push_back("--" + name);
  if (option.get_positional()) definition.names = {option.get_name(true)};
  definition.value = option.get_positional() && option.get_type_name().empty() ? "" : option.get_type_name();
  definition.value_optional = option.get_items_expected_min() == 0 && !definition.value.empty();
  definition.required = option.get_required();
  definition.repeated = option.get_items_expected_max() > 1;
  definition.help = one_line(option.get_description());
  return definition;
}

// The help begins with what is most asked for.
int rank_of(const CLI::Option& option) {
  return option.get_required() ? 0 : 1;
}

}  // namespace

CommandDefinition define(const CLI::App& app, const std::string& name) {
  CommandDefinition command;
  command.name = name + app.get_name();
  command.summary = app.get_description();
  command.notes = app.get_footer();
  std::vector<const CLI::Option*> options = app.get_options();
  std::ranges::stable_sort(options, {}, [](const CLI::Option* option) { return rank_of(*option); });
  for (const CLI::Option* option : options) {
    auto& list = option->get_positional()                     ? command.arguments
                 : option->get_group() == common_option_group ? command.common
                                                              : command.options;
    list.push_back(define(*option));
  }
  for (const CLI::App* sub : app.get_subcommands({})) {
    command.commands.push_back(define(*sub, command.name + ' '));
  }
  return command;
}

const CommandDefinition& find_command(const CommandDefinition& program, const std::vector<std::string>& words) {
  const CommandDefinition* command = &program;
  for (const std::string& word : words) {
    const std::string name = command->name + ' ' + word;
    const auto found = std::ranges::find(command->commands, name, &CommandDefinition::name);
    if (found == command->commands.end()) throw Error(ErrorKind::usage, unknown_command(*command, word));
    command = &*found;
  }
  return *command;
}

std::string spelling(const OptionDefinition& option) {
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "" : ", ") + name;
  if (option.value.empty()) return text + (option.repeated ? "..." : "");
  return text + (option.value_optional ? "[=" + option.value + ']' : ' ' + option.value);
}

std::vector<std::string> alternatives(const OptionDefinition& option) {
  std::vector<std::string> names;
  if (option.value.find('|') == std::string::npos) return names;
  for (std::size_t begin = 0; begin <= option.value.size();) {
    const std::size_t end = std::min(option.value.find('|', begin), option.value.size());
    names.push_back(option.value.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

bool takes_path(const OptionDefinition& option) {
  constexpr std::array values = {"FILE", "FILE...", "DIR", "MODEL", "JSON", "YAML", "FILE.svg"};
  constexpr std::array arguments = {"MODEL", "DATA", "FILE", "INPUT", "SOURCES", "CHECKPOINT", "A", "B"};
  if (option.value.empty()) return std::ranges::find(arguments, option.names.front()) != arguments.end();
  return std::ranges::find(values, option.value) != values.end();
}

}  // namespace trm
