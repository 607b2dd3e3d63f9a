#include "cli/help/help.hpp"

#include <algorithm>

#include "cli/help/wrap.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

constexpr std::size_t narrow = 64;  // on a narrower terminal explanations stand below their options

struct Row {
  std::string name;
  std::string text;
};

// Two columns, or one below the other.
std::string table(const std::vector<Row>& rows, std::size_t width) {
  constexpr std::size_t widest = 28;
  std::size_t column = 0;
  for (const Row& row : rows) {
    const std::size_t needed = row.name.size() + 4;
    if (needed <= widest) column = std::max(column, needed);
  }
  if (column == 0) column = widest;
  std::string text;
  for (const Row& row : rows) {
    text += "  " + row.name;
    const bool below = width < narrow || row.name.size() + 4 > column;
    const std::size_t indent = width < narrow ? 6 : column;
    text += below ? '\n' + std::string(indent, ' ') : std::string(column - 2 - row.name.size(), ' ');
    text += wrapped(row.text, width, indent, indent) + '\n';
  }
  return text;
}

std::vector<Row> rows_of(const std::vector<OptionDefinition>& options) {
  std::vector<Row> rows;
  for (const OptionDefinition& option : options) {
    const bool argument = !option.names.front().starts_with('-');
    rows.push_back({argument ? option.names.front() : spelling(option),
                    option.help + (option.required && !argument ? " (required)" : "")});
  }
  return rows;
}

// "trm arc MODEL --challenges FILE -o FILE [OPTIONS]"
std::string usage(const CommandDefinition& command) {
  std::string text = command.name;
  if (!command.commands.empty()) return text + " COMMAND [OPTIONS]";
  for (const OptionDefinition& argument : command.arguments) {
    const std::string name = argument.names.front() + (argument.repeated ? "..." : "");
    text += argument.required ? ' ' + name : " [" + name + ']';
  }
  for (const OptionDefinition& option : command.options) {
    if (option.required) text += ' ' + option.names.front() + ' ' + option.value;
  }
  return text + " [OPTIONS]";
}

// "Also --threads N, --isa NAME, ...: 'trm help' explains them."
std::string common_line(const CommandDefinition& command) {
  std::string text = "Also";
  for (const OptionDefinition& option : command.common) {
    std::string name = spelling(option);
    text += (text.size() > 4 ? ", " : " ") + name.substr(name.find("--"));
  }
  return text + ": 'trm help' explains them.";
}

std::string section(const std::string& title, const std::vector<Row>& rows, std::size_t width) {
  return rows.empty() ? "" : '\n' + title + ":\n" + table(rows, width);
}

}  // namespace

std::size_t help_width() {
  const std::size_t width = stdout_width();
  return width == 0 ? 80 : std::clamp<std::size_t>(width, 20, 100);
}

std::string help_text(const CommandDefinition& command, std::size_t width) {
  std::string text = wrapped(command.summary, width) + "\n\n" +
                     wrapped("Usage: " + usage(command), width, command.name.size() + 8) + '\n';
  std::vector<Row> commands;
  for (const CommandDefinition& sub : command.commands) {
    commands.push_back({sub.name.substr(command.name.size() + 1), sub.summary});
  }
  text += section("Commands", commands, width);
  text += section("Arguments", rows_of(command.arguments), width);
  text += section("Options", rows_of(command.options), width);
  const bool program = command.name.find(' ') == std::string::npos;
  text += program ? section("Options of every command", rows_of(command.common), width)
                  : '\n' + wrapped(common_line(command), width) + '\n';
  if (!command.notes.empty()) text += '\n' + wrapped_notes(command.notes, width);
  return text;
}

}  // namespace trm
