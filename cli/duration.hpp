#pragma once
// How long something may take, as people type it.

#include <string>

namespace trm {

// "2h", "90m", "1h30m", "45s", or a plain number of seconds; in seconds. Throws Error(usage) for anything else.
[[nodiscard]] double parse_duration(const std::string& text);

}  // namespace trm
