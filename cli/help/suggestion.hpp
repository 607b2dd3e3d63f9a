#pragma once
// What somebody probably meant.

#include <span>
#include <string>
#include <vector>

#include "cli/help/definitions.hpp"

namespace trm {

// The name that is nearest to `word` by insertions, deletions, replacements and swaps of neighbours; empty where none
// is near. A name that begins with the word, such as --challenges with --chal, is near.
[[nodiscard]] std::string nearest(const std::string& word, std::span<const std::string> names);

// "'sudoko' is no command of trm; did you mean 'sudoku'?", or where to find the list.
[[nodiscard]] std::string unknown_command(const CommandDefinition& command, const std::string& word);
// The same of an option, which another command may have.
[[nodiscard]] std::string unknown_option(const CommandDefinition& program, const CommandDefinition& command,
                                         const std::string& word);

}  // namespace trm
