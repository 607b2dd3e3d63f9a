#pragma once
// The help of a command, on a terminal of any width.

#include <cstddef>
#include <string>

#include "cli/help/definitions.hpp"

namespace trm {

// Of the terminal that stdout is, or 80; of a wide one 100, for longer lines are hard to read.
[[nodiscard]] std::size_t help_width();

[[nodiscard]] std::string help_text(const CommandDefinition& command, std::size_t width);

}  // namespace trm
