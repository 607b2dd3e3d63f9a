#pragma once
// Scripts by which a shell completes the commands, options, alternatives and files of the program.

#include <string>

#include "cli/help/definitions.hpp"

namespace trm {

[[nodiscard]] std::string bash_completion(const CommandDefinition& program);
[[nodiscard]] std::string fish_completion(const CommandDefinition& program);
[[nodiscard]] std::string zsh_completion(const CommandDefinition& program);

}  // namespace trm
