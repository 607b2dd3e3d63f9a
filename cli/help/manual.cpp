#include "cli/help/manual.hpp"

#include <algorithm>

#include "io/text.hpp"

namespace trm {
namespace {

// A line of roff's text: no backslash, hyphen, quote or dot of it is a command.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (out.empty() && (c == '.' || c == '\'')) {
      out += std::string("\\&") + c;
    } else {
      out += c;
    }
  }
  return out;
}

// "trm study noise" as the page's name: "trm-study-noise".
std::string page_name(std::string name) {
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string options_section(const std::string& title, const std::vector<OptionDefinition>& options) {
  if (options.empty()) return "";
  std::string page = ".SH " + title + '\n';
  for (const OptionDefinition& option : options) {
    page += ".TP\n.B " + roff(spelling(option)) + '\n' + roff(option.help) +
            (option.required && option.names.front().starts_with('-') ? " (required)" : "") + '\n';
  }
  return page;
}

// Lines that begin with spaces are examples, and stay as they are.
std::string notes_section(std::string_view notes) {
  std::string page;
  bool example = false;
  for (const std::string_view line : split_lines(notes)) {
    if (line == "Examples:") {
      page += ".SH EXAMPLES\n";
      continue;
    }
    const bool begins = line.starts_with(' ');
    if (begins != example) page += begins ? ".nf\n" : ".fi\n";
    example = begins;
    page += line.empty() ? ".PP\n" : roff(line) + '\n';
  }
  return page + (example ? ".fi\n" : "");
}

std::string synopsis(const CommandDefinition& command) {
  std::string text = ".B " + roff(command.name) + '\n';
  if (!command.commands.empty()) return text + ".I COMMAND\n[OPTIONS]\n";
  for (const OptionDefinition& argument : command.arguments) {
    text += argument.required ? ".I " + roff(argument.names.front()) + '\n' : '[' + argument.names.front() + "]\n";
  }
  for (const OptionDefinition& option : command.options) {
    if (option.required) text += ".B " + roff(option.names.front()) + "\n.I " + roff(option.value) + '\n';
  }
  return text + "[OPTIONS]\n";
}

}  // namespace

std::string manual_page(const CommandDefinition& command, const std::string& version) {
  std::string upper = page_name(command.name);
  std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  std::string page = ".TH " + roff(upper) + " 1 \"\" \"trm " + version + "\" \"trm\"\n.SH NAME\n" +
                     roff(page_name(command.name)) + " \\- " + roff(command.summary) + "\n.SH SYNOPSIS\n" +
                     synopsis(command);
  if (!command.commands.empty()) page += ".SH COMMANDS\n";
  for (const CommandDefinition& sub : command.commands) {
    page += ".TP\n.BR " + roff(page_name(sub.name)) + " (1)\n" + roff(sub.summary) + '\n';
  }
  page += options_section("ARGUMENTS", command.arguments);
  page += options_section("OPTIONS", command.options);
  page += options_section("OPTIONS OF EVERY COMMAND", command.common);
  return page + notes_section(command.notes);
}

}  // namespace trm
