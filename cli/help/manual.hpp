#pragma once
// The manual page of a command, in the language of man(7).

#include <string>

#include "cli/help/definitions.hpp"

namespace trm {

// `version`: "0.2.0", for the foot of the page.
[[nodiscard]] std::string manual_page(const CommandDefinition& command, const std::string& version);

}  // namespace trm
