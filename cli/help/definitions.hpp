#pragma once
// The commands and options of the program as plain data, read off the parser's own definitions. The help, the manual
// pages and the completions for shells are made from it.

#include <string>
#include <vector>

#include "cli/common.hpp"

namespace trm {

struct OptionDefinition {
  std::vector<std::string> names;  // "-o", "--output"; of an argument without a name its placeholder, "MODEL"
  std::string value;               // placeholder, "FILE"; alternatives as "low|high|both"; empty: a flag
  bool value_optional = false;     // --halt[=M]
  bool required = false;
  bool repeated = false;  // takes several values
  std::string help;       // one paragraph
};

struct CommandDefinition {
  std::string name;  // "trm study noise"
  std::string summary;
  std::string notes;                        // examples and explanations, line by line
  std::vector<OptionDefinition> arguments;  // without a name, in order
  std::vector<OptionDefinition> options;
  std::vector<OptionDefinition> common;  // options that every command has
  std::vector<CommandDefinition> commands;
};

// `name`: what stands before the command's own name, with a space, or nothing.
[[nodiscard]] CommandDefinition define(const CLI::App& app, const std::string& name = {});

// The command of these words, such as "study" and "noise". Throws Error(usage) for words that are none.
[[nodiscard]] const CommandDefinition& find_command(const CommandDefinition& program,
                                                    const std::vector<std::string>& words);

// "-o, --output FILE", "--halt[=M]".
[[nodiscard]] std::string spelling(const OptionDefinition& option);
// "f16" and "int8" of "f16|int8"; nothing where any value may be given.
[[nodiscard]] std::vector<std::string> alternatives(const OptionDefinition& option);
// Is the value the path of a file or of a folder?
[[nodiscard]] bool takes_path(const OptionDefinition& option);

}  // namespace trm
